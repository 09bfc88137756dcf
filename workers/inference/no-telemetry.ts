// Nothing leaves the machine: onnxruntime 1.30 keeps usage data in HOME and TMPDIR, and sends it to its makers, unless this
// is in the environment before its first session. It does not matter whether it was there when the library was loaded.

export const NO_TELEMETRY = { ORT_DISABLE_TELEMETRY: '1' } as const;
