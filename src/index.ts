/** The root entry: transforms, control flow, and every namespace. */
export type { Aval } from './core/aval.js'
