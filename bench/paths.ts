/** Places in the repository; programs are bundled, so only files of this folder find them. */
import { fileURLToPath } from 'node:url'

const root = new URL('..', import.meta.url)

/** A file of the built package, to import. */
export const built = (file: string): string => new URL(`dist/${file}`, root).href

/** A file of the repository. */
export const inRepository = (file: string): string => fileURLToPath(new URL(file, root))
