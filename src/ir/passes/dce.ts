/** Dead code: equations without effects, outputs and operands that nothing reads. */
import { controlOf } from '../control.js'
import { hasEffect } from '../host.js'
import type { ControlForm, Params } from '../primitive.js'
import type { Atom, Equation, Program, Var } from '../program.js'
import type { Pass } from './pass.js'
import { throughout } from './pass.js'

type Used = ReadonlySet<number>

const use = (used: Set<number>, atoms: readonly Atom[]): void => {
  for (const a of atoms) if (a.kind === 'var') used.add(a.id)
}

/** The variables that the outputs and the effects of a Program depend on. */
const liveOf = (program: Program, outputs: readonly Atom[]): Used => {
  const used = new Set<number>()
  use(used, outputs)
  for (let i = program.equations.length - 1; i >= 0; i--) {
    const e = program.equations[i]!
    if (e.outputs.some((v) => used.has(v.id)) || hasEffect(e)) use(used, e.inputs)
  }
  return used
}

/** A Program with only some of its inputs and outputs, and the equations between them. */
const restrict = (program: Program, keepInput: readonly boolean[], keepOutput: readonly boolean[]): Program =>
  dceOne({
    inputs: program.inputs.filter((_, k) => keepInput[k]),
    equations: program.equations,
    outputs: program.outputs.filter((_, k) => keepOutput[k]),
  })

/** The positions of donated inputs, counted among those that are kept. */
const movedDonations = (donate: readonly number[], needed: readonly boolean[]): Params =>
  donate.length === 0 ? {} : { donate: donate.filter((k) => needed[k]).map((k) => needed.slice(0, k).filter(Boolean).length) }

type Form<K extends ControlForm['kind']> = Extract<ControlForm, { readonly kind: K }>

/** `call`: the program loses outputs that nobody reads, then inputs that it does not read itself. */
const narrowCall = (e: Equation, { program, donate }: Form<'call'>, wanted: readonly boolean[]): Equation => {
  const live = liveOf(
    program,
    program.outputs.filter((_, k) => wanted[k]),
  )
  const needed = program.inputs.map((v) => live.has(v.id))
  if (wanted.every(Boolean) && needed.every(Boolean)) return e
  return {
    ...e,
    inputs: e.inputs.filter((_, k) => needed[k]),
    params: { ...e.params, program: restrict(program, needed, wanted), ...movedDonations(donate, needed) },
    outputs: e.outputs.filter((_, k) => wanted[k]),
  }
}

/** The carried values that the wanted outputs need, directly or through other carried values. */
const neededCarry = (body: Program, consts: number, wanted: readonly boolean[], carry: number): readonly boolean[] => {
  const kept = body.outputs.map((_, k) => wanted[k]!)
  for (;;) {
    const live = liveOf(
      body,
      body.outputs.filter((_, k) => kept[k]),
    )
    const more = kept.findIndex((keep, k) => k < carry && !keep && live.has(body.inputs[consts + k]!.id))
    if (more < 0) return kept
    kept[more] = true
  }
}

/** `scan`: stacked outputs that nobody reads go, then carried values that nothing kept needs, then operands the body ignores. */
const narrowScan = (e: Equation, { body, consts, carry }: Form<'scan'>, wanted: readonly boolean[]): Equation => {
  const kept = neededCarry(body, consts, wanted, carry)
  const live = liveOf(
    body,
    body.outputs.filter((_, k) => kept[k]),
  )
  const needed = body.inputs.map((v, k) => (k >= consts && k < consts + carry ? kept[k - consts]! : live.has(v.id)))
  if (kept.every(Boolean) && needed.every(Boolean)) return e
  // The length is a parameter, so a scan without stacked operands is one still.
  return {
    ...e,
    inputs: e.inputs.filter((_, k) => needed[k]),
    params: {
      ...e.params,
      body: restrict(body, needed, kept),
      consts: needed.slice(0, consts).filter(Boolean).length,
      carry: kept.slice(0, carry).filter(Boolean).length,
    },
    outputs: e.outputs.filter((_, k) => kept[k]),
  }
}

/** `cond`: outputs that nobody reads go from every branch, then operands that no branch reads. */
const narrowCond = (e: Equation, { branches }: Form<'cond'>, wanted: readonly boolean[]): Equation => {
  const first = branches[0]
  if (first === undefined) return e
  const lives = branches.map((b) =>
    liveOf(
      b,
      b.outputs.filter((_, k) => wanted[k]),
    ),
  )
  const needed = first.inputs.map((_, k) => branches.some((b, i) => lives[i]!.has(b.inputs[k]!.id)))
  if (wanted.every(Boolean) && needed.every(Boolean)) return e
  return {
    ...e,
    inputs: [e.inputs[0]!, ...e.inputs.slice(1).filter((_, k) => needed[k])],
    params: { ...e.params, branches: branches.map((b) => restrict(b, needed, wanted)) },
    outputs: e.outputs.filter((_, k) => wanted[k]),
  }
}

/** An equation that holds Programs, without what is not wanted of it; parameters have the names of the form. */
const narrow = (e: Equation, wanted: readonly boolean[]): Equation => {
  const form = controlOf(e)
  switch (form?.kind) {
    case 'call':
      return narrowCall(e, form, wanted)
    case 'scan':
      return narrowScan(e, form, wanted)
    case 'cond':
      return narrowCond(e, form, wanted)
    default:
      return e
  }
}

const wantedOf = (outputs: readonly Var[], used: Used): boolean[] => outputs.map((v) => used.has(v.id))

const dceOne = (program: Program): Program => {
  const used = new Set<number>()
  use(used, program.outputs)
  const kept: Equation[] = []
  let changed = false
  for (let i = program.equations.length - 1; i >= 0; i--) {
    const old = program.equations[i]!
    const wanted = wantedOf(old.outputs, used)
    if (!wanted.includes(true) && !hasEffect(old)) {
      changed = true
      continue
    }
    const e = narrow(old, wanted)
    if (e !== old) changed = true
    use(used, e.inputs)
    kept.push(e)
  }
  return changed ? { ...program, equations: kept.reverse() } : program
}

/** Drops what no output and no effect needs, in a Program and in those it holds; the inputs and outputs of the Program itself stay. */
export const dce: Pass = throughout(dceOne)
