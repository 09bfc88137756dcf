-- One default a kind, as before, but counted when a statement is done. The unique index counted row by row, and
-- `update steadytext_models set is_default = (name = 'b') where kind = 'text'` failed or worked by the order of the rows
-- in their table. A unique index over some of the rows cannot wait; an exclusion constraint can.
alter table @extschema@.steadytext_models
  add constraint models_one_default exclude using btree (kind with =) where (is_default) deferrable;
drop index @extschema@.models_default_unique;
