import { describe, expect, it } from 'vitest'
import { cond, foriLoop, jit, np, scan, trace, whileLoop } from '../../src/index.js'
import type { Tensor } from '../../src/index.js'
import { controlOf, programsOf } from '../../src/ir/control.js'
import type { ControlForm, Equation } from '../../src/ir/primitive.js'
import { subprograms } from '../../src/ir/program.js'

const formIn = (f: (x: Tensor) => Tensor): { readonly form: ControlForm; readonly e: Equation } => {
  const held = trace(f, np.zeros([3])).program.equations.flatMap((e) => {
    const form = controlOf(e)
    return form === null ? [] : [{ form, e }]
  })
  expect(held).toHaveLength(1)
  return held[0]!
}

describe('forms of control', () => {
  const sum = (x: Tensor): Tensor => np.sum(x)
  const cases: Readonly<Record<ControlForm['kind'], readonly [number, (x: Tensor) => Tensor]>> = {
    call: [1, jit((x: Tensor) => np.sin(x))],
    cond: [
      2,
      (x) =>
        cond(
          np.greater(sum(x), 0),
          (y: Tensor) => np.sin(y),
          (y: Tensor) => np.cos(y),
          x,
        ),
    ],
    while: [
      2,
      (x) =>
        whileLoop(
          (y: Tensor) => np.less(sum(y), 9),
          (y: Tensor) => np.add(y, 1),
          x,
        ),
    ],
    scan: [1, (x) => scan((c: Tensor, y: Tensor) => [np.add(c, y), c], np.array(0), x)[0]],
  }
  it.each(Object.entries(cases))('%s holds its Programs by name, and all of them', (kind, [count, f]) => {
    const { form, e } = formIn(f)
    expect(form.kind).toBe(kind)
    expect(programsOf(form)).toHaveLength(count)
    expect(new Set(programsOf(form))).toEqual(new Set(subprograms(e.params)))
  })
  it('a loop of known length is a scan', () => {
    expect(formIn((x) => foriLoop(0, 4, (_, y: Tensor) => np.add(y, 1), x)).form).toMatchObject({ kind: 'scan', length: 4, carry: 2 })
  })
  it('other equations have none', () => {
    expect(trace((x: Tensor) => np.sin(x), np.zeros([3])).program.equations.map(controlOf)).toEqual([null])
  })
})
