/** Groups to loop kernels: the equations of a group written out as values at a point of its domain. */
import { type DType, indexType, isReal } from '../core/dtype.js'
import { fail, TraceError } from '../core/errors.js'
import type { Atom, Equation, Program, Var } from '../ir/program.js'
import { scalarBody } from '../ir/scalarBody.js'
import { expand } from '../kernel/expand/expand.js'
import type { Expr } from '../kernel/scalar.js'
import { withOperands } from '../kernel/scalar.js'
import type { Assignment } from './fuse.js'
import { assign } from './fuse.js'
import type { LoopGroup, Unit } from './groups.js'
import type { Coordinate, IndexMap } from './indexMap.js'
import { compose, sameMap, stridesThrough } from './indexMap.js'
import type { NestRole } from './nests.js'
import { isInside, isLoadFree, positionOf } from './nests.js'
import type { Role } from './roles.js'
import { createValues } from './values.js'
import type { Fused, LoopKernel, LoopOutput, ProgramStep, Value } from './kernels.js'
import type { Target } from './target.js'
import type { Turn } from './turns.js'

/** Writes out one group. `made` finds the equation that makes a variable. */
const loopKernel = (group: LoopGroup, { roles }: Assignment, made: ReadonlyMap<number, Equation>, { definitions }: Target): LoopKernel => {
  const outerAxes = group.domain.flatMap((_, k) => (group.inner.includes(k) ? [] : [k]))
  const axes = [...outerAxes, ...group.inner]
  const axisOf = new Array<number>(axes.length)
  axes.forEach((a, k) => {
    axisOf[a] = k
  })
  const ndim = axes.length

  const { push, position, read: element, both, needed } = createValues(axisOf)
  const inputs: Atom[] = []
  /** What was written out already: the value of a variable read through a map, behind a test or none. */
  const memo = new Map<number, { readonly map: IndexMap; readonly test: number; readonly value: number }[]>()
  const remember = (id: number, map: IndexMap, test: number, value: number): void => {
    const known = memo.get(id)
    if (known === undefined) memo.set(id, [{ map, test, value }])
    else known.push({ map, test, value })
  }
  const load = (a: Var, map: IndexMap, test: number): number => {
    let input = inputs.indexOf(a)
    if (input < 0) input = inputs.push(a) - 1
    return element(input, a, map, test < 0 || isInside(map, a.aval.shape, group.domain) ? -1 : test)
  }
  /** The value of `a` at the place where the map leads; behind a test that fails it may be anything. */
  const read = (a: Atom, map: IndexMap, test: number): number => {
    if (a.kind === 'literal') return push({ op: 'const', value: a.value, dtype: a.aval.dtype })
    const known = memo.get(a.id)?.find((m) => m.test === test && sameMap(m.map, map))
    if (known !== undefined) return known.value
    const result = compute(a, map, test)
    remember(a.id, map, test, result)
    return result
  }
  const compute = (a: Var, map: IndexMap, test: number): number => {
    const e = made.get(a.id)
    if (e === undefined) return load(a, map, test)
    const role = roles.get(e)!
    if (role.kind === 'view') return read(e.inputs[0]!, compose(role.map, map), test)
    if (role.kind === 'iota') {
      const at = position(map[role.axis]!)
      return a.aval.dtype === indexType ? at : push({ op: 'cast', x: at, dtype: a.aval.dtype })
    }
    if (!group.members.has(e)) return load(a, map, test)
    if (role.kind === 'reduce') return reduction(e, role, map)
    if (role.kind === 'nest') return nested(e, role, map, test)
    if (role.kind === 'keep') {
      const x = read(e.inputs[0]!, compose(role.map, map), test)
      return role.combine === 'add' ? summed(x, a.aval.dtype) : x
    }
    if (role.kind === 'product') {
      const [x, y] = e.inputs.map((b, k) => read(b, compose(role.maps[k]!, map), test))
      const { dtype } = a.aval
      return summed(push({ op: 'mul', x: x!, y: y!, dtype }), dtype)
    }
    return scalars(e, map, test)[e.outputs.indexOf(a)]!
  }
  /** The sum of one number: it starts from 0, which -0 does not survive. */
  const summed = (x: number, dtype: DType): number =>
    isReal(dtype) ? push({ op: 'add', x, y: push({ op: 'const', value: 0, dtype }), dtype }) : x
  const reduction = (e: Equation, { axes: reduced, combine }: Role & { kind: 'reduce' }, map: IndexMap): number => {
    const input = e.inputs[0]!
    let kept = 0
    let inner = 0
    const full = input.aval.shape.map((n, k) => {
      if (!reduced.includes(k)) return map[kept++]!
      return n === 1 ? { axis: -1, scale: 0, offset: 0 } : { axis: group.inner[inner++]!, scale: 1, offset: 0 }
    })
    return push({ op: 'reduce', x: read(input, full, -1), combine, dtype: e.outputs[0]!.aval.dtype })
  }
  /** The body of a nest at the place where the map leads. What its tests guard is read behind them. */
  const nested = (e: Equation, { nest }: NestRole, map: IndexMap, within: number): number => {
    const [body] = expand([nest.body], definitions)
    const done = new Map<Expr, Map<number, number>>()
    const write = (x: Expr, test: number): number => {
      let here = done.get(x)
      if (here === undefined) done.set(x, (here = new Map()))
      let value = here.get(test)
      if (value === undefined) here.set(test, (value = writeNew(x, test)))
      return value
    }
    const coordinate = (x: Expr, test: number): Coordinate => {
      const c = positionOf(x)
      if (c.at !== undefined) return { ...c, at: write(x, test) }
      return c.axis < 0 ? c : compose([c], map)[0]!
    }
    const writeNew = (x: Expr, test: number): number => {
      if (x.op === 'index') return position(map[x.axis]!)
      if (x.op === 'const') return push(x)
      if (x.op === 'load')
        return read(
          e.inputs[x.input]!,
          x.at.map((at) => coordinate(at, test)),
          test,
        )
      if (x.op !== 'select') return push(withOperands<Expr, number>(x, (y) => write(y, test)) as Value)
      const when = write(x.test, test)
      const otherwise = isLoadFree(x.y) ? test : both(test, push({ op: 'not', x: when, dtype: 'bool' }))
      return push({ op: 'select', test: when, x: write(x.x, both(test, when)), y: write(x.y, otherwise), dtype: x.dtype })
    }
    return write(body!, within)
  }
  const scalars = (e: Equation, map: IndexMap, test: number): readonly number[] => {
    const bodies = expand(scalarBody(e) ?? [], definitions)
    const operands = e.inputs.map((a) => read(a, map, test))
    const done = new Map<Expr, number>()
    const write = (x: Expr): number => {
      const known = done.get(x)
      if (known !== undefined) return known
      const result = writeNew(x)
      done.set(x, result)
      return result
    }
    const writeNew = (x: Expr): number => {
      switch (x.op) {
        case 'input':
          return operands[x.index]!
        case 'const':
          return push({ op: 'const', value: x.value, dtype: x.dtype })
        case 'index':
        case 'load':
          return push({ op: 'const', value: NaN, dtype: x.dtype }) // not in elementwise bodies
        default:
          return push(withOperands<Expr, number>(x, write) as Value)
      }
    }
    const results = bodies.map(write)
    e.outputs.forEach((v, i) => {
      remember(v.id, map, test, results[i]!)
    })
    return results
  }

  const written = [...group.outputs].map(([v, map]) => {
    const e = made.get(v.id)!
    const role = roles.get(e)!
    return role.kind === 'view' ? read(e.inputs[0]!, compose(role.map, map), -1) : read(v, map, -1)
  })
  const { values, at } = needed(written)
  const outputs = [...group.outputs].map(([v, map], k): LoopOutput => {
    const perRow = group.inner.length > 0 && map.every((c) => !group.inner.includes(c.axis))
    const { strides } = stridesThrough(map, v.aval.shape, ndim)
    return { value: at[k]!, perRow, variable: v, strides: (perRow ? outerAxes : axes).map((a) => strides[a]!) }
  })
  return {
    kind: 'loops',
    outer: outerAxes.map((k) => group.domain[k]!),
    inner: group.inner.map((k) => group.domain[k]!),
    inputs,
    values,
    outputs,
    equations: [...group.members],
  }
}

const stepOf = (unit: Unit, assignment: Assignment, made: ReadonlyMap<number, Equation>, target: Target): ProgramStep => {
  if (unit.kind === 'group') return loopKernel(unit, assignment, made, target)
  const { equation } = unit
  return equation.prim.lower.kind === 'alias'
    ? { kind: 'alias', from: equation.inputs[0]!, to: equation.outputs[0]! }
    : { kind: 'equation', equation }
}

const reads = (step: ProgramStep): readonly Atom[] =>
  step.kind === 'loops' ? step.inputs : step.kind === 'alias' ? [step.from] : step.equation.inputs
const writes = (step: ProgramStep): readonly Var[] =>
  step.kind === 'loops' ? step.outputs.map((o) => o.variable) : step.kind === 'alias' ? [step.to] : step.equation.outputs

/**
 * Steps in an order in which every value is written before it is read: that of the Program where it can be, each step as late as its first
 * reader allows, so that few values wait. Steps that call the host run in the order of the Program.
 */
const ordered = (steps: readonly ProgramStep[], turns: Assignment['turns']): readonly ProgramStep[] => {
  const turnOf = (step: ProgramStep): Turn | undefined => (step.kind === 'equation' ? turns.get(step.equation) : undefined)
  const writer = new Map<number, ProgramStep>()
  for (const step of steps) {
    for (const v of writes(step)) writer.set(v.id, step)
    const turn = turnOf(step)
    if (turn !== undefined) writer.set(turn.done, step)
  }
  const state = new Map<ProgramStep, 'open' | 'done'>()
  const result: ProgramStep[] = []
  for (const last of steps) {
    const stack = [last]
    while (stack.length > 0) {
      const step = stack.at(-1)!
      if (state.get(step) === 'done') {
        stack.pop()
        continue
      }
      const before = reads(step).flatMap((a) => (a.kind === 'var' && writer.has(a.id) ? [writer.get(a.id)!] : []))
      const after = turnOf(step)?.after ?? null
      if (after !== null) before.push(writer.get(after)!)
      const missing = before.filter((b) => state.get(b) !== 'done')
      if (missing.length === 0) {
        state.set(step, 'done')
        result.push(step)
        stack.pop()
        continue
      }
      if (state.get(step) === 'open' || missing.includes(step))
        fail(TraceError, 'fusion: loops wait for one another', { fix: 'report it: this is a defect of adjoint' })
      state.set(step, 'open')
      for (const needed of missing) stack.push(needed)
    }
  }
  return result
}

/** The steps of a Program, whose inputs at positions `donate` are given away, after fusion for a target, in the operations that it computes. */
export const fuse = (program: Program, target: Target, donate: readonly number[] = []): Fused => {
  const made = new Map<number, Equation>()
  for (const e of program.equations) for (const v of e.outputs) made.set(v.id, e)
  const assignment = assign(program, target, donate)
  const steps = assignment.units.map((u) => stepOf(u, assignment, made, target))
  return { inputs: program.inputs, steps: ordered(steps, assignment.turns), outputs: program.outputs }
}
