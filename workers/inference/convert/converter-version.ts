// Raised whenever the converter would write other bytes for the same source; folders of other versions are not loaded.
export const CONVERTER_VERSION = 10;
