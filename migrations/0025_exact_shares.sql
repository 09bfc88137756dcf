-- Whoever a worker has served least is looked at in every claim, so nobody is given credit for not having been.
drop function if exists @privschema@.read_virtual_times(uuid, text, text, int[], int);
drop function if exists @privschema@.choose_fairly(uuid, text, text, int[], boolean, int, bigint, int, real, int);
