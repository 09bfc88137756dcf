// Where the servers of a test run are told to look for pgvector, whether it is there or not.
import { serverAccount } from '../../workers/dev/system-account.ts';
import { vectorFolder } from '../../workers/dev/vector-folder.ts';
import { testCacheDir } from '../inference/store/test-cache.ts';

export const VECTOR_FOLDER: string = vectorFolder(testCacheDir(), serverAccount());
