/** Pointers of a kernel: accesses to one array with the same strides share one. */
import type { DType } from '../../../core/dtype.js'
import type { Value } from '../../../compile/kernels.js'
import type { Domain } from './domain.js'
import { bytesOf } from './lanes.js'

/** A pointer that walks an array. */
export interface PointerStream {
  readonly key: string
  readonly arg: number
  readonly bytes: number
  /** The least offset of its accesses, in elements: where the pointer stands. */
  readonly base: number
  readonly strides: readonly number[]
}

/** An access: a place in an array for every point of the domain. */
export interface Access {
  readonly arg: number
  readonly dtype: DType
  readonly offset: number
  readonly strides: readonly number[]
  /**
   * More is added to the place when it is read. The pointer stands at the offset itself, because it may lie outside of memory before the rest
   * is added: what the code adds wraps around, what an instruction adds to its address does not.
   */
  readonly partial?: true
}

/** The name of the stream of an access; scratch holds elements of several sizes. */
export const streamKey = (a: Access): string =>
  `${a.arg}:${bytesOf[a.dtype]}:${a.strides.join(',')}${a.partial === undefined ? '' : `:${a.offset}`}`

/** What a gather reads, but for the positions that it computes. */
export const partOf = ({ input, dtype, offset, strides }: Value & { readonly op: 'gather' }): Access => ({
  arg: input,
  dtype,
  offset,
  strides,
  partial: true,
})

/** The first element of an input: what lanes read that fail the test of a gather. */
export const firstElement = ({ input, dtype, strides }: Value & { readonly op: 'gather' }): Access => ({
  arg: input,
  dtype,
  offset: 0,
  strides: strides.map(() => 0),
})

/** The streams of the needed loads and of the targets. */
export const streamsOf = (d: Domain, needed: readonly boolean[]): ReadonlyMap<string, PointerStream> => {
  const streams = new Map<string, PointerStream>()
  const add = (a: Access): void => {
    const key = streamKey(a)
    const known = streams.get(key)
    const base = known === undefined ? a.offset : Math.min(known.base, a.offset)
    streams.set(key, { key, arg: a.arg, bytes: bytesOf[a.dtype], base, strides: a.strides })
  }
  d.values.forEach((v, i) => {
    if (!needed[i]) return
    if (v.op === 'load') add({ arg: v.input, dtype: v.dtype, offset: v.offset, strides: v.strides })
    if (v.op === 'gather') add(partOf(v))
    if (v.op === 'gather' && v.test !== undefined) add(firstElement(v))
  })
  d.targets.forEach(add)
  return streams
}
