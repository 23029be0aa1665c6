/**
 * `adjoint/extend`: for those who add primitives, passes and backends. Programs and what they are made of, the kernel language, and
 * what backends share. It changes more often than the other entries, as `jax.extend` does.
 */

// Tensors, as backends see them
export { aval } from './core/aval.js'
export { showAval } from './core/showAval.js'
export type { Memory, Owner, TensorData } from './core/tensor.js'
export { hostTensor } from './core/tensor.js'

// Primitives
export { bind, bindAll } from './ir/bind.js'
export type {
  TransposeContext,
  LinearMap,
  Maybe,
  Partial as PartialDerivative,
  StructuredForward,
  StructuredJvp,
  StructuredMap,
} from './ir/linear.js'
export { OUT, partial } from './ir/linear.js'
export type {
  AnyPrimitive,
  Batched,
  BatchRule,
  ControlForm,
  HostLowering,
  InlineLowering,
  LoopsLowering,
  Lowering,
  Params,
  Primitive,
} from './ir/primitive.js'
export { none } from './ir/primitive.js'
export { controlPrimitives } from './control/primitives.js'
export { primitives } from './prim/all.js'

// The kernel language: what primitives lower to
export type { Combine, LoopNest } from './kernel/loop.js'
export type { BinaryOp, CompareOp, ConvertOp, Op, TernaryOp, UnaryOp } from './kernel/operations.js'
export { operations } from './kernel/operations.js'
export type { Expr } from './kernel/scalar.js'
export { nodesOf, operandsOf, s as kernel } from './kernel/scalar.js'
export type { OperationDefinition, Definitions } from './kernel/expand/expand.js'
export { expand } from './kernel/expand/expand.js'
export { singleDefinitions } from './kernel/expand/single/definitions.js'
export type { View } from './kernel/view.js'

// Programs and passes
export type { Atom, Equation, Literal, Program, Var } from './ir/program.js'
export { check as checkProgram } from './ir/check.js'
export { controlOf } from './ir/control.js'
export { interpret as runProgram } from './ir/interpret.js'
export { optimize as optimizeProgram } from './ir/optimize.js'
export { define } from './ir/passes/define.js'
export type { Draft, Pass } from './ir/passes/pass.js'
export { draft, freshFor, throughout } from './ir/passes/pass.js'
export { scalarBody } from './ir/scalarBody.js'

// Backends
export type { Backend, CompileOptions, Executable, Tuning } from './compile/backend.js'
export type { Fused, LoopKernel, LoopOutput, ProgramStep, Value } from './compile/kernels.js'
export { fuse } from './compile/loops.js'
export type { Action, Doing, LiteralSlot, MemoryPlan } from './compile/memory.js'
export { doingOf, planMemory } from './compile/memory.js'
export type { FusionLimits, MemoryKind, Target } from './compile/target.js'
export { processorFusion, processorMemory } from './compile/target.js'
export type { MemoryUsage, Needs } from './compile/usage.js'
export { usageOf } from './compile/usage.js'
export type { Allocator, Code, Task } from './backend/driver/allocator.js'
export { controlTask } from './backend/driver/control.js'
export { hostTask } from './backend/driver/host.js'
export type { Later, Soon } from './backend/driver/later.js'
export { now } from './backend/driver/later.js'
export { codeOf } from './backend/driver/run.js'
