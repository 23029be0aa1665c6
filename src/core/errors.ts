/** The errors that programmers see, and the one builder of their messages. */
import type { Aval } from './aval.js'
import { shared } from './shared.js'
import { showAval } from './showAval.js'

/** Root of all errors thrown by the library. */
export class AdjointError extends Error {
  override readonly name: string = 'AdjointError'
}
/** Shapes, axes or sizes that do not fit. */
export class ShapeError extends AdjointError {
  override readonly name = 'ShapeError'
}
/** Element types that do not fit. */
export class DTypeError extends AdjointError {
  override readonly name = 'DTypeError'
}
/** A traced value was read, leaked or used where a concrete one is needed. */
export class TraceError extends AdjointError {
  override readonly name = 'TraceError'
}
/** A rule that must be linear is not. */
export class NonlinearError extends AdjointError {
  override readonly name = 'NonlinearError'
}
/** Trees of different structure, cyclic trees, leaves that are not tensors. */
export class TreeError extends AdjointError {
  override readonly name = 'TreeError'
}
/** A donated tensor was read again. */
export class DonatedError extends AdjointError {
  override readonly name = 'DonatedError'
}
/** An option, argument or value outside its domain. */
export class ValueError extends AdjointError {
  override readonly name = 'ValueError'
}
/** A device cannot do what it was asked for. */
export class DeviceError extends AdjointError {
  override readonly name = 'DeviceError'
}

/** A class of errors that `fail` can throw. */
export type ErrorClass = new (message: string, options?: ErrorOptions) => AdjointError

/** What a message adds to its first line. */
export interface Details {
  /** Arguments by name: avals (or anything with one) are printed as `float32[2,3]`. */
  readonly args?: Readonly<Record<string, Aval | { readonly aval: Aval } | string>>
  /** The way out. */
  readonly fix?: string
  /** What was thrown before, for the error's field of that name. */
  readonly cause?: unknown
}

/** The path at every depth of scopes, made where a scope opens: every equation that is traced asks for it. */
const paths = shared('scopePaths', () => [''])

/** Runs `f` with `name` pushed on the path that errors print after `in:`, e.g. `mlp / dense[1]`. */
export const scope = <T>(name: string, f: () => T): T => {
  const path = paths.at(-1)!
  paths.push(path === '' ? name : `${path} / ${name}`)
  try {
    return f()
  } finally {
    paths.pop()
  }
}

/** The current path of scopes, `mlp / dense[1]`; empty outside every scope. */
export const scopePath = (): string => paths.at(-1)!

const showArg = (v: Aval | { readonly aval: Aval } | string): string =>
  typeof v === 'string' ? v : 'aval' in v ? showAval(v.aval) : showAval(v)

/** The function that a message speaks of: `matmul` of `matmul: inner dimensions differ`. */
const subject = /^\w+(?=: )/

/** What failed, the avals, where in the model (inside scopes: down to the function that failed), what to do. */
export const message = (what: string, { args = {}, fix }: Details = {}): string => {
  const names = Object.entries(args)
  const lines = [what]
  if (names.length > 0) lines.push(`  ${names.map(([n, v]) => `${n}: ${showArg(v)}`).join('   ')}`)
  const path = scopePath()
  const failed = subject.exec(what)?.[0]
  if (path !== '')
    lines.push(`  in: ${path}${failed === undefined || path === failed || path.endsWith(` / ${failed}`) ? '' : ` / ${failed}`}`)
  if (fix !== undefined) lines.push(`  try: ${fix}`)
  return lines.join('\n')
}

/** Throws an error of `Class` with the message of `message`. */
export const fail = (Class: ErrorClass, what: string, details?: Details): never => {
  throw new Class(message(what, details), details !== undefined && 'cause' in details ? { cause: details.cause } : undefined)
}
