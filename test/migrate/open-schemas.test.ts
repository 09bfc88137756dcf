// A schema on the path, before ours or behind, in which others may make functions that are called in place of ours: migrate
// tells it.
import { expect, test } from 'vitest';
import { migrate } from '../../workers/queue/migrate/migrate.ts';
import { emptyDatabase, type Place, project } from './world.ts';

const optionsAt = (place: Place) => ({ url: place.ownerUrl, rolePrefix: place.rolePrefix, root: project() });

test('a schema that everybody may make functions in, as public was before 15, is told with the revoke that closes it', async () => {
  const place = await emptyDatabase();
  await place.ask('grant create on schema public to public');
  const statement = 'revoke create on schema public from public;';
  const openSchemas = [{ what: expect.stringMatching(/public.*everybody/), statement }];
  expect(await migrate({ ...optionsAt(place), check: true })).toMatchObject({ openSchemas });
  expect(await migrate(optionsAt(place))).toMatchObject({ changed: true, openSchemas });
  // Whoever leaves the path alone calls our functions by the schema's name.
  await place.ask(`alter database ${place.database} reset search_path`);
  expect(await migrate({ ...optionsAt(place), searchPath: false })).toMatchObject({ openSchemas: [] });
  await place.ask(statement);
  expect(await migrate(optionsAt(place))).toMatchObject({ openSchemas: [] });
});

test('so is one that a member of our roles may make functions in, by a group, or as its owner', async () => {
  const place = await emptyDatabase();
  await migrate(optionsAt(place));
  const writer = `${place.rolePrefix}steadytext_writer`;
  const member = new URL(await place.login(`in role ${writer}`)).username;
  const group = `${place.rolePrefix}group`;
  await place.ask(`
    create role ${group}; grant ${group} to ${member};
    create schema shop; grant create on schema shop to ${group};
    create schema hers authorization ${member};
    create schema behind; grant create on schema behind to public;
    create schema "not ours"; grant create on schema "not ours" to ${new URL(await place.login()).username};
    alter database ${place.database} set search_path = "$user", shop, hers, "not ours", public, steadytext, behind`);
  const { openSchemas, changed } = await migrate({ ...optionsAt(place), check: true });
  expect(changed).toBe(false);
  expect(openSchemas.map(({ statement }) => statement)).toEqual([
    `revoke create on schema shop from ${group};`,
    `alter schema hers owner to ${place.owner.name};`,
    // A function whose arguments fit better is called from there too.
    'revoke create on schema behind from public;',
  ]);
  for (const { statement } of openSchemas) await place.ask(statement);
  expect(await migrate(optionsAt(place))).toMatchObject({ openSchemas: [] });
});

test('in a schema of ours that is public, everybody should not make functions either', async () => {
  const place = await emptyDatabase();
  await place.ask('grant create on schema public to public');
  const { openSchemas } = await migrate({ ...optionsAt(place), schema: 'public' });
  expect(openSchemas).toMatchObject([{ statement: 'revoke create on schema public from public;' }]);
});
