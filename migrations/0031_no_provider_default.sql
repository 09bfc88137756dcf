-- A model of a provider (its name has a colon) gets the prompts of calls that name it with unsafe_mode, and of no other: as the
-- default it would get those of all that name no model. Workers have registered none so far, and an administrator may set the
-- mark by a plain update.
update @extschema@.steadytext_models set is_default = false where is_default and strpos(name, ':') > 0;
alter table @extschema@.steadytext_models
  add constraint models_no_provider_default check (not is_default or strpos(name, ':') = 0);
