/** Files of several arrays of which some can become no tensor: the others are read, and these are named. */
import * as E from 'fp-ts/lib/Either.js'
import type { Tensor } from '../core/tensor.js'
import type { DataFault } from '../data/fault.js'
import type { Weights } from './weights.js'

/** Why arrays of a file are left out, by name. */
export type Skipped = Readonly<Record<string, DataFault>>

/**
 * The tensors that could be read, and the faults of those that no tensor can hold. Damage is a fault of the whole, as it is when
 * nothing at all could be read.
 */
export const readable = (
  found: readonly (readonly [name: string, read: E.Either<DataFault, Tensor>])[],
  before: Skipped = {},
): E.Either<DataFault, readonly [Weights, Skipped]> => {
  const tensors: [string, Tensor][] = []
  const skipped: [string, DataFault][] = Object.entries(before)
  for (const [name, read] of found)
    if (E.isRight(read)) tensors.push([name, read.right])
    else if (read.left._tag === 'Unsupported') skipped.push([name, read.left])
    else return read
  return tensors.length === 0 && skipped.length > 0
    ? E.left(skipped[0]![1])
    : E.right([Object.fromEntries(tensors), Object.fromEntries(skipped)])
}
