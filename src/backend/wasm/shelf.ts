/** Kernels by structure: what was emitted once serves every program that needs the same. */
import type { Aval } from '../../core/aval.js'
import type { Equation } from '../../ir/program.js'
import type { AnyPrimitive } from '../../ir/primitive.js'
import type { Kernel, Piece } from './kernel.js'

/** A piece that is there once its module is. */
export interface Promised {
  piece: Piece | null
  /** Bytes of scratch of the piece. */
  readonly scratch: number
}

/** Things by key; the least recently used go first. */
export interface Shelf<T> {
  readonly find: (key: string) => T | undefined
  readonly put: (key: string, thing: T) => void
}

/** What is kept: pieces for one size, and kernels that serve several. */
export interface Shelves {
  readonly pieces: Shelf<Promised>
  readonly elastic: Shelf<Kernel>
}

const createShelf = <T>(limit: number): Shelf<T> => {
  const things = new Map<string, T>()
  return {
    find: (key) => {
      const thing = things.get(key)
      if (thing !== undefined) {
        things.delete(key)
        things.set(key, thing)
      }
      return thing
    },
    put: (key, thing) => {
      things.set(key, thing)
      if (things.size > limit) things.delete(things.keys().next().value!)
    },
  }
}

/** Shelves of at most `limit` things each. */
export const createShelves = (limit: number): Shelves => ({ pieces: createShelf(limit), elastic: createShelf(limit) })

/** Text that differs for different plain data; `null` when there is something else in it. */
const text = (x: unknown): string | null => {
  if (typeof x === 'number') return Object.is(x, -0) ? '-0' : String(x)
  if (typeof x === 'string') return JSON.stringify(x)
  if (typeof x === 'boolean' || x === null || x === undefined) return String(x)
  if (typeof x !== 'object') return null
  const list = Array.isArray(x)
  if (!list && Object.getPrototypeOf(x) !== Object.prototype) return null
  let out = list ? '[' : '{'
  for (const name of Object.keys(x)) {
    const part = text((x as Readonly<Record<string, unknown>>)[name])
    if (part === null) return null
    out += list ? `${part},` : `${name}:${part},`
  }
  return out + (list ? ']' : '}')
}

const numbers = new WeakMap<AnyPrimitive, number>()
let primitives = 0
const numberOf = (prim: AnyPrimitive): number => {
  let n = numbers.get(prim)
  if (n === undefined) numbers.set(prim, (n = ++primitives))
  return n
}
const show = (a: { readonly aval: Aval }): string => `${a.aval.dtype}[${a.aval.shape.join()}]`

/** The structure of an equation: its primitive, parameters, shapes and dtypes; `null` when its parameters are more than data. */
export const equationKey = ({ prim, inputs, outputs, params }: Equation): string | null => {
  const data = text(params)
  return data === null ? null : `${numberOf(prim)} ${data} ${inputs.map(show).join()} ${outputs.map(show).join()}`
}
