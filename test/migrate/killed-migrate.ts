// A migrate in a process of its own, for a test that kills it.
import { migrate } from '../../workers/queue/migrate/migrate.ts';

const [url = '', rolePrefix = '', root = ''] = process.argv.slice(2);
await migrate({ url, rolePrefix, root });
