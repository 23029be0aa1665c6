/** Random programs: a plan is plain numbers, so that it shrinks; built, it is a Program with inputs. */
import fc from 'fast-check'
import type { Arbitrary } from 'fast-check'
import type { DType } from '../../src/core/dtype.js'
import { isInexact, isReal } from '../../src/core/dtype.js'
import { AdjointError, checkpoint, cond, foriLoop, jit, jvp, printProgram, scan, trace, vjp, vmap } from '../../src/index.js'
import { optimizeProgram } from '../../src/extend.js'
import type { Program, Tensor } from '../../src/index.js'
import { showTensor } from '../../laws/compare.js'
import * as e from '../../src/prim/elementwise.js'
import { reduceMax } from '../../src/prim/reduce.js'
import { like } from '../../src/prim/structure.js'
import type { Draw } from './draws.js'
import { draws, drawn, styles } from './draws.js'
import { fit, range } from './fit.js'
import { applyOperation, names } from './operations.js'

/** One input: its shape, dtype, kind of elements. */
export interface Operand {
  readonly shape: readonly number[]
  readonly dtype: DType
  readonly style: number
}

/** One operation; `choice` is the seed of everything that it leaves open. */
export interface Step {
  readonly op: number
  readonly choice: number
}

/** A program before it is built. */
export interface Plan {
  readonly operands: readonly Operand[]
  readonly steps: readonly Step[]
  /** What is done with the whole function: run, differentiated, batched. */
  readonly transform: number
  readonly outputs: number
  readonly seed: number
}

/** A Program with inputs for it. */
export interface Case {
  readonly program: Program
  readonly inputs: readonly Tensor[]
}

const controls = ['jit', 'checkpoint', 'scan', 'cond', 'loop'] as const
const all = [...names, ...controls]
const isControl = (name: string): name is (typeof controls)[number] => (controls as readonly string[]).includes(name)

/** A few operations, chosen by `draw`, that lead from values to one of the wanted dtype and shape. */
const body =
  (to: Tensor, draw: Draw) =>
  (...xs: readonly Tensor[]): Tensor => {
    const choice = draw(2 ** 20)
    const inside = draws(choice)
    const pool = [...xs]
    for (let k = 0; k < 1 + (choice % 3); k++) pool.push(...applyOperation(names[inside(names.length)]!, pool, inside))
    const y = fit(pool[pool.length - 1]!, to.dtype, to.shape, inside)
    // What is carried around stays moderate.
    return isReal(y.dtype) ? e.tanh(y) : y
  }

const applyControl = (name: (typeof controls)[number], pool: readonly Tensor[], draw: Draw): readonly Tensor[] => {
  const value = (): Tensor => pool[pool.length - 1 - draw(Math.min(4, pool.length))]!
  const [x, y] = [value(), value()]
  if (x.size > 300 || y.size > 300) return applyOperation('smooth', pool, draw)
  const f = body(y, draw)
  switch (name) {
    case 'jit':
      return [jit(f)(x, y)]
    case 'checkpoint':
      return [checkpoint(f)(x, y)]
    case 'scan': {
      if (x.ndim === 0 || x.shape[0]! > 9) return [f(x, y)]
      const [c, ys] = scan((carry: Tensor, t: Tensor): [Tensor, Tensor] => [f(carry, t), f(t, carry)], y, x, { reverse: draw(2) === 0 })
      return [c, ys]
    }
    case 'cond': {
      const g = body(y, draw)
      const test = fit(reduceMax(fit(x, 'bool', [1], draw), [0]), 'bool', [], draw)
      return [cond(test, f, g, x, y)]
    }
    case 'loop':
      return [foriLoop(0, 1 + draw(3), (k: Tensor, c: Tensor) => f(x, fit(k, 'int32', [], draw), c), y)]
  }
}

const isDifferentiable = (x: Tensor): boolean => isInexact(x.dtype)

/** The function of a plan. */
const run =
  ({ steps, outputs }: Plan) =>
  (...xs: readonly Tensor[]): readonly Tensor[] => {
    const pool = [...xs]
    for (const { op, choice } of steps) {
      const name = all[op % all.length]!
      const draw = draws(choice)
      pool.push(...(isControl(name) ? applyControl(name, pool, draw) : applyOperation(name, pool, draw)))
    }
    return range(Math.max(1, outputs)).map((k) => pool[Math.max(0, pool.length - 1 - k)]!)
  }

type Function = (...xs: readonly Tensor[]) => readonly Tensor[]
type Transform = (f: Function, inputs: readonly Tensor[], draw: Draw) => Function

const ofFloats =
  (f: Function, inputs: readonly Tensor[], then: (g: Function, floats: readonly Tensor[]) => readonly Tensor[]): Function =>
  (...xs) => {
    const at = range(inputs.length).filter((k) => isDifferentiable(inputs[k]!))
    const g: Function = (...ys) => f(...xs.map((x, k) => (at.includes(k) ? ys[at.indexOf(k)]! : x))).filter(isDifferentiable)
    return then(
      g,
      at.map((k) => xs[k]!),
    )
  }

const pulled: Transform = (f, inputs, draw) =>
  ofFloats(f, inputs, (g, floats) => {
    if (floats.length === 0) return g()
    const [ys, pull] = vjp((...vs: readonly Tensor[]) => [...g(...vs)], ...floats)
    if (ys.length === 0) return f(...inputs)
    return [...ys, ...(pull(ys.map((y) => (draw(2) === 0 ? like(y, 1) : e.cos(y)))) as readonly Tensor[])]
  })

const pushed: Transform = (f, inputs) =>
  ofFloats(f, inputs, (g, floats) => {
    const [ys, dys] = jvp(
      (...vs: readonly Tensor[]) => [...g(...vs)],
      [...floats],
      floats.map((x) => like(x, 1)),
    )
    return [...ys, ...dys]
  })

const transforms: Readonly<Record<string, Transform>> = {
  none: (f) => f,
  jit:
    (f) =>
    (...xs) =>
      jit((...ys: readonly Tensor[]) => [...f(...ys)])(...xs),
  grad: pulled,
  jvp: pushed,
  twice: (f, inputs, draw) => pushed(pulled(f, inputs, draw), inputs, draw),
  vmap: (f) => vmapped(f),
  gradOfVmap: (f, inputs, draw) => pulled(vmapped(f), inputs, draw),
}
const transformNames = Object.keys(transforms)

const vmapped =
  (f: Function): Function =>
  (...xs) =>
    vmap((...ys: readonly Tensor[]) => [...f(...ys)])(...xs)

const batched = (name: string): boolean => name === 'vmap' || name === 'gradOfVmap'

/** The Program of a plan, as an executor hands it to a backend, and its inputs. Throws where the plan has no meaning. */
const build = (plan: Plan): Case => {
  const draw = draws(plan.seed)
  const name = transformNames[plan.transform % transformNames.length]!
  const lead = batched(name) ? [1 + (plan.seed % 3)] : []
  const inputs = plan.operands.map(({ shape, dtype, style }) => drawn([...lead, ...shape], dtype, styles[style % styles.length]!, draw))
  const f = transforms[name]!(run(plan), inputs, draws(plan.seed))
  const { program, captures } = trace(f, ...inputs)
  return { program: optimizeProgram(program), inputs: [...captures, ...inputs] }
}

/** The case of a plan; `null` for plans that the library refuses with an error of its own. */
export const caseOf = (plan: Plan): Case | null => {
  try {
    return build(plan)
  } catch (error) {
    if (error instanceof AdjointError) return null
    throw error
  }
}

/** A case as people read it. */
export const show = ({ program, inputs }: Case): string =>
  [printProgram(program), ...inputs.map((x, k) => `input ${k}: ${showTensor(x, 40)}`)].join('\n')

const sizes = [1, 2, 3, 4, 5, 7, 8, 9, 13, 16, 17, 31, 33, 64, 65]
const clip = (shape: readonly number[], most: number): number[] => {
  let left = most
  return shape.map((n) => {
    const m = n === 0 ? 0 : Math.max(1, Math.min(n, left))
    left = Math.floor(left / Math.max(1, m))
    return m
  })
}
const shape: Arbitrary<readonly number[]> = fc.oneof(
  {
    weight: 40,
    arbitrary: fc.array(fc.nat(sizes.length - 1), { maxLength: 4 }).map((ks) =>
      clip(
        ks.map((k) => sizes[k]!),
        2500,
      ),
    ),
  },
  { weight: 2, arbitrary: fc.array(fc.constantFrom(0, 1, 2, 3), { minLength: 1, maxLength: 3 }) },
  { weight: 1, arbitrary: fc.constantFrom([67, 129], [20_000], [3, 4001], [101, 130], [5, 7, 201]) },
)

/** Plans, among them those whose numbers are exact and those whose numbers are hard. */
export const plans = (maxSteps = 12): Arbitrary<Plan> =>
  fc.record({
    operands: fc.array(
      fc.record({
        shape,
        dtype: fc.constantFrom<DType>('float32', 'float32', 'float32', 'float64', 'float64', 'int32', 'uint32', 'bool'),
        style: fc.constantFrom(0, 0, 1, 2, 3, 3, 4, 4, 5, 6),
      }),
      { minLength: 1, maxLength: 3 },
    ),
    steps: fc.array(fc.record({ op: fc.nat(all.length - 1), choice: fc.nat(2 ** 16) }), { minLength: 1, maxLength: maxSteps }),
    transform: fc.constantFrom(0, 0, 0, 0, 1, 2, 2, 3, 4, 5, 6),
    outputs: fc.integer({ min: 1, max: 3 }),
    seed: fc.nat(2 ** 16),
  })
