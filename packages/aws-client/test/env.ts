/** Runs with these variables and no other `AWS_…` one, then puts the environment back. */
export async function withEnv<T>(variables: Readonly<Record<string, string>>, run: () => T | Promise<T>): Promise<T> {
  const before = { ...process.env };
  const clear = () => {
    for (const name of Object.keys(process.env)) if (/^_?(AWS|X_AMZN)_/.test(name)) delete process.env[name];
  };
  clear();
  Object.assign(process.env, variables);
  try {
    return await run();
  } finally {
    clear();
    for (const name of Object.keys(variables)) delete process.env[name];
    Object.assign(process.env, before);
  }
}
