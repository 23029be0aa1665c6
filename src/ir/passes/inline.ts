/** Expansion of equations that are defined by other primitives. */
import { controlOf } from '../control.js'
import type { AnyPrimitive } from '../primitive.js'
import type { Atom, Equation, Program, Var } from '../program.js'
import { trace } from '../trace.js'
import type { Pass } from './pass.js'
import { freshFor, throughout } from './pass.js'

/** The Program that `run` of an inline lowering does; undefined when it closes over arrays. */
const expansion = (prim: AnyPrimitive, e: Equation): Program | undefined => {
  const { lower } = prim
  if (lower.kind !== 'inline') return undefined
  const traced = trace(
    prim.name,
    (xs) => lower.run(xs, e.params),
    e.inputs.map((a) => a.aval),
  )
  return traced.captures.length === 0 ? traced.program : undefined
}

/**
 * Equations that copies of one called Program may add to its caller. A Program that is called so often that there would be more is
 * compiled once and called.
 */
const copied = 4096

/** The Program of a `call` that nothing is donated to: what it may overwrite is for the caller's memory plan to find. */
const called = (e: Equation): Program | undefined => {
  const form = e.prim.name === 'call' ? controlOf(e) : null
  return form?.kind === 'call' && form.donate.length === 0 ? form.program : undefined
}

/** The Programs that equations call too often for copies of them. */
const calledOften = (equations: readonly Equation[]): ReadonlySet<Program> => {
  const calls = new Map<Program, number>()
  for (const e of equations) {
    const body = called(e)
    if (body !== undefined) calls.set(body, (calls.get(body) ?? 0) + 1)
  }
  return new Set([...calls].filter(([p, n]) => (n - 1) * p.equations.length > copied).map(([p]) => p))
}

/** What stands in place of `e`: its expansion, or the Program that it calls. */
const bodyOf = (e: Equation): Program | undefined => {
  const body = called(e) ?? expansion(e.prim, e)
  // Weakness may differ between an argument and the parameter it meets: then what is inside would have other avals.
  const fits =
    body !== undefined &&
    body.inputs.every((v, k) => v.aval === e.inputs[k]?.aval) &&
    body.outputs.every((a, k) => a.aval === e.outputs[k]?.aval)
  return fits ? body : undefined
}

/** A Program in the course of being copied: the equation to look at next, and what its variables are in the copy. */
interface Frame {
  readonly program: Program
  next: number
  readonly names: Map<number, Atom>
  /** Receives the outputs when the frame is done. */
  readonly done: (outputs: readonly Atom[]) => void
  readonly scope: string
  /** It is, or is in, a Program that is called. */
  readonly inCall: boolean
}

const inlineOne = (program: Program): Program => {
  if (!program.equations.some(mayExpand)) return program
  const often = calledOften(program.equations)
  // What a called Program calls itself was looked at before: such a call is one that stays.
  const expands = (e: Equation, inCall: boolean): boolean =>
    e.prim.name === 'call' ? !inCall && mayExpand(e) && !often.has(e.params.program as Program) : mayExpand(e)
  const fresh = freshFor(program)
  const equations: Equation[] = []
  let outputs: readonly Atom[] = program.outputs
  let expanded = false
  const stack: Frame[] = [
    {
      program,
      next: 0,
      names: new Map(),
      done: (atoms) => {
        outputs = atoms
      },
      scope: '',
      inCall: false,
    },
  ]
  const root = stack[0]!
  for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
    const { names } = frame
    const read = (a: Atom): Atom => (a.kind === 'var' ? (names.get(a.id) ?? a) : a)
    const old = frame.program.equations[frame.next++]
    if (old === undefined) {
      stack.pop()
      frame.done(frame.program.outputs.map(read))
      continue
    }
    const inputs = old.inputs.some((a) => read(a) !== a) ? old.inputs.map(read) : old.inputs
    const scope = frame.scope === '' ? old.scope : frame.scope
    const e = inputs === old.inputs && scope === old.scope ? old : { ...old, inputs, scope }
    const body = expands(e, frame.inCall) ? bodyOf(e) : undefined
    if (body !== undefined) {
      expanded = true
      stack.push({
        program: body,
        next: 0,
        names: new Map(body.inputs.map((v, k): [number, Atom] => [v.id, inputs[k]!])),
        done: (atoms) => {
          old.outputs.forEach((v, k) => {
            names.set(v.id, atoms[k]!)
          })
        },
        scope: e.prim.name === 'call' ? frame.scope : scope,
        inCall: frame.inCall || e.prim.name === 'call',
      })
    } else if (frame === root) {
      equations.push(e)
    } else {
      const renamed: Var[] = e.outputs.map((v) => fresh(v.aval))
      e.outputs.forEach((v, k) => {
        names.set(v.id, renamed[k]!)
      })
      equations.push({ ...e, outputs: renamed })
    }
  }
  return expanded ? { inputs: program.inputs, equations, outputs } : program
}

/** True for the equations that might be expanded. */
const mayExpand = (e: Equation): boolean => called(e) !== undefined || e.prim.lower.kind === 'inline'

/**
 * Replaces equations of primitives with an `inline` lowering by what the lowering does, and `call` equations without donation by the
 * Program they call, unless copies of it would add more than 4096 equations; repeatedly, and in the Programs held by the others too.
 */
export const inline: Pass = throughout(inlineOne)
