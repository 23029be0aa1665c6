/** Groups to loop kernels: the equations of a group written out as values at a point of its domain. */
import type { Atom, Equation, Program, Var } from '../ir/program.js'
import type { Expr } from '../kernel/scalar.js'
import { s } from '../kernel/scalar.js'
import type { Assignment, Group, Unit } from './fuse.js'
import { assign, perRow } from './fuse.js'
import type { IndexMap } from './indexMap.js'
import { compose, identityMap, mapKey, stridesThrough } from './indexMap.js'
import type { Fused, LoopKernel, LoopOutput, Step, Value } from './kernels.js'

/** Writes out one group. `made` finds the equation that makes a variable. */
const loopKernel = (group: Group, { roles, groupOf }: Assignment, made: ReadonlyMap<number, Equation>): LoopKernel => {
  const outerAxes = group.domain.flatMap((_, k) => (group.inner.includes(k) ? [] : [k]))
  const axes = [...outerAxes, ...group.inner]
  const position = new Array<number>(axes.length)
  axes.forEach((a, k) => {
    position[a] = k
  })
  const ndim = axes.length

  const values: Value[] = []
  const inputs: Atom[] = []
  const memo = new Map<string, number>()
  const interned = new Map<string, number>()
  const push = (v: Value): number => {
    const key = Object.values(v)
      .map((x) => (Object.is(x, -0) ? '-0' : String(x)))
      .join(' ')
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
    const key = `${a.id}|${mapKey(map)}`
    const known = memo.get(key)
    if (known !== undefined) return known
    const result = compute(a, map)
    memo.set(key, result)
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
      return a.aval.dtype === 'int32' ? at : push({ op: 'cast', x: at, dtype: a.aval.dtype })
    }
    if (groupOf(e) !== group) return load(a, map)
    if (role.kind === 'reduce') return reduction(e, map)
    return scalars(e, map)[e.outputs.indexOf(a)]!
  }
  const reduction = (e: Equation, map: IndexMap): number => {
    const role = roles.get(e)!
    const input = e.inputs[0]!
    const reduced = role.kind === 'reduce' ? role.axes : []
    const combine = role.kind === 'reduce' ? role.combine : 'add'
    let kept = 0
    let inner = 0
    const full = input.aval.shape.map((n, k) => {
      if (!reduced.includes(k)) return map[kept++]!
      return n === 1 ? { axis: -1, scale: 0, offset: 0 } : { axis: group.inner[inner++]!, scale: 1, offset: 0 }
    })
    const x = read(input, full)
    return group.inner.length === 0 ? x : push({ op: 'reduce', x, combine, dtype: e.outputs[0]!.aval.dtype })
  }
  const scalars = (e: Equation, map: IndexMap): readonly number[] => {
    const { lower } = e.prim
    if (lower.kind !== 'scalar') return []
    const operands = e.inputs.map((a) => read(a, map))
    const body = lower.body(
      e.inputs.map((a, k) => s.input(k, a.aval.dtype)),
      e.params,
      e.outputs.map((v) => v.aval),
    )
    const bodies: readonly Expr[] = 'op' in body ? [body] : body
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
        case 'select':
          return push({ op: 'select', test: write(x.test), x: write(x.x), y: write(x.y), dtype: x.dtype })
        default:
          return 'y' in x
            ? push({ op: x.op, x: write(x.x), y: write(x.y), dtype: x.dtype })
            : push({ op: x.op, x: write(x.x), dtype: x.dtype })
      }
    }
    const results = bodies.map(write)
    e.outputs.forEach((v, i) => memo.set(`${v.id}|${mapKey(map)}`, results[i]!))
    return results
  }

  /** The map under which the group computes a variable that it writes: over the whole domain, or over its rows. */
  const outputMap = (v: Var, e: Equation): { readonly map: IndexMap; readonly perRow: boolean } => {
    const role = roles.get(e)!
    if (role.kind !== 'reduce' && v.aval.shape.length === group.domain.length) return { map: identityMap(ndim), perRow: false }
    const solid = outerAxes.filter((k) => group.domain[k] !== 1)
    let next = 0
    return {
      map: v.aval.shape.map((n) => (n === 1 ? { axis: -1, scale: 0, offset: 0 } : { axis: solid[next++]!, scale: 1, offset: 0 })),
      perRow: true,
    }
  }
  const outputs = [...group.outputs].map((v): LoopOutput => {
    const e = made.get(v.id)!
    const { map, perRow: rows } = outputMap(v, e)
    const role = roles.get(e)!
    const value = role.kind === 'view' ? read(e.inputs[0]!, compose(role.map, map)) : read(v, map)
    const { strides } = stridesThrough(map, v.aval.shape, ndim)
    const ordered = axes.map((k) => strides[k]!)
    return { value, perRow: rows && perRow(map, group), variable: v, strides: rows ? ordered.slice(0, outerAxes.length) : ordered }
  })
  return {
    kind: 'loops',
    outer: outerAxes.map((k) => group.domain[k]!),
    inner: group.inner.map((k) => group.domain[k]!),
    inputs,
    values,
    outputs,
  }
}

const stepOf = (unit: Unit, assignment: Assignment, made: ReadonlyMap<number, Equation>): Step => {
  if (unit.kind === 'group') return loopKernel(unit, assignment, made)
  const { equation } = unit
  return assignment.roles.get(equation)!.kind === 'alias'
    ? { kind: 'alias', from: equation.inputs[0]!, to: equation.outputs[0]! }
    : { kind: 'equation', equation }
}

const reads = (step: Step): readonly Atom[] =>
  step.kind === 'loops' ? step.inputs : step.kind === 'alias' ? [step.from] : step.equation.inputs
const writes = (step: Step): readonly Var[] =>
  step.kind === 'loops' ? step.outputs.map((o) => o.variable) : step.kind === 'alias' ? [step.to] : step.equation.outputs

/** Steps in an order in which every value is written before it is read. */
const ordered = (steps: readonly Step[]): readonly Step[] => {
  const writer = new Map<number, Step>()
  for (const step of steps) for (const v of writes(step)) writer.set(v.id, step)
  const waiting = new Map<Step, number>()
  const next = new Map<Step, Step[]>()
  for (const step of steps) {
    const before = new Set(reads(step).flatMap((a) => (a.kind === 'var' && writer.has(a.id) ? [writer.get(a.id)!] : [])))
    waiting.set(step, before.size)
    for (const b of before) next.set(b, [...(next.get(b) ?? []), step])
  }
  const ready = steps.filter((step) => waiting.get(step) === 0)
  const result: Step[] = []
  for (let i = 0; i < ready.length; i++) {
    const step = ready[i]!
    result.push(step)
    for (const after of next.get(step) ?? []) {
      const left = waiting.get(after)! - 1
      waiting.set(after, left)
      if (left === 0) ready.push(after)
    }
  }
  return result
}

/** The steps of a Program after fusion. */
export const fuse = (program: Program): Fused => {
  const made = new Map<number, Equation>()
  for (const e of program.equations) for (const v of e.outputs) made.set(v.id, e)
  const assignment = assign(program)
  const steps = assignment.units.map((u) => stepOf(u, assignment, made))
  return { inputs: program.inputs, steps: ordered(steps), outputs: program.outputs }
}
