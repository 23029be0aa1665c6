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
import type { Group, Unit } from './groups.js'
import type { IndexMap } from './indexMap.js'
import { compose, sameMap, stridesThrough } from './indexMap.js'
import type { Role } from './roles.js'
import { keyOf } from './structure.js'
import type { Fused, LoopKernel, LoopOutput, Step, Value } from './kernels.js'
import type { Target } from './target.js'
import type { Turn } from './turns.js'

/** Writes out one group. `made` finds the equation that makes a variable. */
const loopKernel = (
  group: Group,
  { roles, groupOf }: Assignment,
  made: ReadonlyMap<number, Equation>,
  { definitions }: Target,
): LoopKernel => {
  const outerAxes = group.domain.flatMap((_, k) => (group.inner.includes(k) ? [] : [k]))
  const axes = [...outerAxes, ...group.inner]
  const position = new Array<number>(axes.length)
  axes.forEach((a, k) => {
    position[a] = k
  })
  const ndim = axes.length

  const values: Value[] = []
  const inputs: Atom[] = []
  /** What was written out already: the value of a variable read through a map. */
  const memo = new Map<number, { readonly map: IndexMap; readonly value: number }[]>()
  const remember = (id: number, map: IndexMap, value: number): void => {
    const known = memo.get(id)
    if (known === undefined) memo.set(id, [{ map, value }])
    else known.push({ map, value })
  }
  const interned = new Map<string, number>()
  const push = (v: Value): number => {
    const key = keyOf(v)
    const known = interned.get(key)
    if (known !== undefined) return known
    interned.set(key, values.length)
    return values.push(v) - 1
  }
  const load = (a: Var, map: IndexMap): number => {
    let input = inputs.indexOf(a)
    if (input < 0) input = inputs.push(a) - 1
    const { strides, offset } = stridesThrough(map, a.aval.shape, ndim)
    return push({ op: 'load', input, strides: axes.map((k) => strides[k]!), offset, dtype: a.aval.dtype })
  }
  const read = (a: Atom, map: IndexMap): number => {
    if (a.kind === 'literal') return push({ op: 'const', value: a.value, dtype: a.aval.dtype })
    const known = memo.get(a.id)?.find((m) => sameMap(m.map, map))
    if (known !== undefined) return known.value
    const result = compute(a, map)
    remember(a.id, map, result)
    return result
  }
  const compute = (a: Var, map: IndexMap): number => {
    const e = made.get(a.id)
    if (e === undefined) return load(a, map)
    const role = roles.get(e)!
    if (role.kind === 'view') return read(e.inputs[0]!, compose(role.map, map))
    if (role.kind === 'iota') {
      const c = map[role.axis]!
      const at =
        c.axis < 0
          ? push({ op: 'const', value: c.offset, dtype: 'int32' })
          : push({ op: 'index', axis: position[c.axis]!, scale: c.scale, offset: c.offset, dtype: 'int32' })
      return a.aval.dtype === indexType ? at : push({ op: 'cast', x: at, dtype: a.aval.dtype })
    }
    if (groupOf(e) !== group) return load(a, map)
    if (role.kind === 'reduce') return reduction(e, role, map)
    if (role.kind === 'keep') {
      const x = read(e.inputs[0]!, compose(role.map, map))
      return role.combine === 'add' ? summed(x, a.aval.dtype) : x
    }
    if (role.kind === 'product') {
      const [x, y] = e.inputs.map((b, k) => read(b, compose(role.maps[k]!, map)))
      const { dtype } = a.aval
      return summed(push({ op: 'mul', x: x!, y: y!, dtype }), dtype)
    }
    return scalars(e, map)[e.outputs.indexOf(a)]!
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
    return push({ op: 'reduce', x: read(input, full), combine, dtype: e.outputs[0]!.aval.dtype })
  }
  const scalars = (e: Equation, map: IndexMap): readonly number[] => {
    const bodies = expand(scalarBody(e) ?? [], definitions)
    const operands = e.inputs.map((a) => read(a, map))
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
      remember(v.id, map, results[i]!)
    })
    return results
  }

  const outputs = [...group.outputs].map(([v, map]): LoopOutput => {
    const e = made.get(v.id)!
    const role = roles.get(e)!
    const value = role.kind === 'view' ? read(e.inputs[0]!, compose(role.map, map)) : read(v, map)
    const perRow = group.inner.length > 0 && map.every((c) => !group.inner.includes(c.axis))
    const { strides } = stridesThrough(map, v.aval.shape, ndim)
    return { value, perRow, variable: v, strides: (perRow ? outerAxes : axes).map((k) => strides[k]!) }
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

const stepOf = (unit: Unit, assignment: Assignment, made: ReadonlyMap<number, Equation>, target: Target): Step => {
  if (unit.kind === 'group') return loopKernel(unit, assignment, made, target)
  const { equation } = unit
  return equation.prim.lower.kind === 'alias'
    ? { kind: 'alias', from: equation.inputs[0]!, to: equation.outputs[0]! }
    : { kind: 'equation', equation }
}

const reads = (step: Step): readonly Atom[] =>
  step.kind === 'loops' ? step.inputs : step.kind === 'alias' ? [step.from] : step.equation.inputs
const writes = (step: Step): readonly Var[] =>
  step.kind === 'loops' ? step.outputs.map((o) => o.variable) : step.kind === 'alias' ? [step.to] : step.equation.outputs

/**
 * Steps in an order in which every value is written before it is read: that of the Program where it can be, each step as late as its first
 * reader allows, so that few values wait. Steps that call the host run in the order of the Program.
 */
const ordered = (steps: readonly Step[], turns: Assignment['turns']): readonly Step[] => {
  const turnOf = (step: Step): Turn | undefined => (step.kind === 'equation' ? turns.get(step.equation) : undefined)
  const writer = new Map<number, Step>()
  for (const step of steps) {
    for (const v of writes(step)) writer.set(v.id, step)
    const turn = turnOf(step)
    if (turn !== undefined) writer.set(turn.done, step)
  }
  const state = new Map<Step, 'open' | 'done'>()
  const result: Step[] = []
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

/** The steps of a Program after fusion for a target, in the operations that it computes. */
export const fuse = (program: Program, target: Target): Fused => {
  const made = new Map<number, Equation>()
  for (const e of program.equations) for (const v of e.outputs) made.set(v.id, e)
  const assignment = assign(program, target)
  const steps = assignment.units.map((u) => stepOf(u, assignment, made, target))
  return { inputs: program.inputs, steps: ordered(steps, assignment.turns), outputs: program.outputs }
}
