// The engine's version: raised whenever the same request could give other bytes than before.

export const ENGINE_VERSION = '5';
