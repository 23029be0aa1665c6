/**
 * State that two copies of the package (ESM beside CJS, two versions in one tree) must share:
 * the current interpreter, the table of avals, the current device. Each copy finds the record
 * that the first one made under a registered symbol.
 */
const root = globalThis as unknown as Record<symbol, Record<string, unknown> | undefined>
const key = Symbol.for('adjoint/shared/1')

/** The shared record called `name`, made by `make` when this is the first copy to ask. */
export const shared = <T>(name: string, make: () => T): T => {
  const table = (root[key] ??= {})
  return (table[name] ??= make()) as T
}
