// A server in a process of its own, for tests that kill that process: prints the server's pid, port and folder, and stays.
import { startEmbeddedServer } from '../../workers/dev/embedded-server.ts';

const [dataDir] = process.argv.slice(2);
const server = await startEmbeddedServer(dataDir ? { version: 18, dataDir } : { version: 18, temporary: true });
process.stdout.write(`${JSON.stringify({ pid: server.pid, port: server.port, folder: server.dataDir })}\n`);
setInterval(() => undefined, 60_000);
