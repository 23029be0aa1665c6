/** Peers: packages in the folder `ADJOINT_RIVALS`, put there by `node scripts/rivals.mjs FOLDER`. */
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const folder = (): string => resolve(process.env.ADJOINT_RIVALS ?? 'rivals', 'node_modules')

/** Where a package is installed; null when it is not. */
export const rivalAt = (name: string): string | null => {
  const at = join(folder(), name)
  return existsSync(join(at, 'package.json')) ? at : null
}

/** The version of an installed package. */
export const rivalVersion = (name: string): string =>
  (JSON.parse(readFileSync(join(folder(), name, 'package.json'), 'utf8')) as { readonly version: string }).version
