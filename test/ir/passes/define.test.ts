import { describe, expect, it } from 'vitest'
import { np, trace } from '../../../src/index.js'
import type { Tensor } from '../../../src/index.js'
import { check } from '../../../src/ir/check.js'
import { define } from '../../../src/ir/passes/define.js'

const { program } = trace((x: Tensor) => np.cumsum(np.sort(np.matmul(x, x)), { axis: 0 }), np.zeros([3, 3]))
const names = (p: typeof program): readonly string[] => p.equations.filter((e) => e.prim.lower.kind === 'routine').map((e) => e.prim.name)

describe('define', () => {
  it('leaves what a backend has, and is the same Program where nothing is lacking', () => {
    expect(names(program)).toEqual(['dotGeneral', 'sort', 'cumsum'])
    expect(define(program, () => true)).toBe(program)
  })
  it('replaces the others, those in definitions too', () => {
    const some = define(program, (e) => e.prim.name === 'dotGeneral')
    expect(names(some)).toEqual(['dotGeneral'])
    check(some)
    const none = define(program, () => false)
    expect(names(none)).toEqual([])
    check(none)
    // a nest keeps the name of its routine, which shows in explanations
    expect(none.equations.find((e) => e.prim.name === 'cumsum')?.prim.lower.kind).toBe('loops')
  })
  it('makes one primitive of each, so that compiled code is found again', () => {
    const primsOf = (): readonly unknown[] => define(program, () => false).equations.map((e) => e.prim)
    const again = primsOf()
    expect(primsOf().map((p, k) => p === again[k])).toEqual(again.map(() => true))
  })
})
