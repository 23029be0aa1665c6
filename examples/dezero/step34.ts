/**
 * DeZero: `sin` calls `cos` in its backward, so that both have derivatives of every order; each needs another walk and `cleargrad`.
 * Here the derivatives of a function are a list of functions, and `vmap` evaluates them along a curve.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Tensor } from 'adjoint'
import { grad, np, viz, vmap } from 'adjoint'
import type { Step } from './step.js'
import { float64, lines } from './step.js'

type Line = (x: Tensor) => Tensor

/** `f` and its derivatives up to `order`. */
export const derivatives = (f: Line, order: number): readonly Line[] => (order === 0 ? [f] : [f, ...derivatives(grad(f), order - 1)])

export const step34: Step = {
  title: 'Derivatives of the sine',
  run: async ({ out }) => {
    const fs = derivatives(np.sin, 3)
    const values = lines(...fs.map((f) => f(float64(1))))
    if (out === undefined) return values
    const xs = np.linspace(-7, 7, 200)
    const names = ['sin', "sin'", "sin''", "sin'''"]
    const picture = viz.curve(
      fs.map((f, k) => ({ name: names[k]!, values: vmap(f)(xs).toTypedArray() })),
      { title: 'sin and its derivatives', xLabel: 'point' },
    )
    await mkdir(out, { recursive: true })
    await writeFile(join(out, 'sin.svg'), picture)
    return [...values, `wrote ${join(out, 'sin.svg')}`]
  },
}
