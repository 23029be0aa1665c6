import { describe, expectTypeOf, it } from 'vitest'
import type * as E from 'fp-ts/lib/Either.js'
import type * as O from 'fp-ts/lib/Option.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import { io } from 'adjoint'
import type { Tensor } from 'adjoint'

interface Params {
  readonly l0: { readonly w: Tensor; readonly b: Tensor }
  readonly rates: readonly number[]
}
declare const params: Params
declare const bytes: Uint8Array

describe('what is read has the type of its template', () => {
  it('restore', () => {
    expectTypeOf(io.restore(params, {})).toEqualTypeOf<E.Either<io.DataFault, io.Restored<Params>>>()
  })
  it('checkpoints', () => {
    const kept = io.checkpoints({ dir: 'run', like: { params, step: 0 } })
    expectTypeOf(kept.latest).toEqualTypeOf<TE.TaskEither<io.DataFault, O.Option<io.Latest<{ params: Params; step: number }>>>>()
    // @ts-expect-error: another tree than `like`
    void kept.save(1, { params })
  })
  it('without a template nothing is promised', () => {
    expectTypeOf(io.decodeCheckpoint(bytes)).toEqualTypeOf<E.Either<io.DataFault, io.Checkpoint<unknown>>>()
    expectTypeOf(io.decodeNpy(bytes)).toEqualTypeOf<E.Either<io.DataFault, Tensor>>()
  })
})
