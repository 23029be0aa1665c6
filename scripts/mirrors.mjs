/**
 * Where the tests of a source file are. `src/A/B.ts` has its own in `test/A/B.test.ts`; a file without one is listed below
 * under the tests that cover it. A file that holds only types or only re-exports has nothing to test.
 * `node scripts/mirrors.mjs` checks that every file has tests, that they exist, that they load the file, and that no line
 * of the table is superfluous; `--self-test` plants one violation of each kind and expects every one to be caught.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { sources, specifier } from './entries.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Folder of src, or laws -> tests, from `test` -> the files of the folder that they cover, without `.ts`. A file may stand in several lines. */
const covered = {
  core: {
    'core/format.test.ts': 'aval',
    'core/isolation.test.ts': 'tensor shared',
    'viz/dot.test.ts': 'errors',
    'errors/dtypes.test.ts': 'dtype',
    'errors/options.test.ts': 'describe',
    'core/builtin.test.ts': 'text',
    'errors/tracers.test.ts': 'showAval tensor',
    'errors/shapes.test.ts': 'axis errors shape',
    'numpy/shape.test.ts': 'axis shape',
  },
  tree: { 'tree/tree.test.ts': 'path structure traverse', 'tree/static.test.ts': 'partition structure' },
  kernel: {
    'kernel/expand/expand.test.ts':
      'operations properties expand/bits expand/definitions expand/elementary expand/erf expand/fma expand/gamma expand/polynomial',
    'kernel/expand/single/definitions.test.ts':
      'coefficients/digamma coefficients/single expand/single/arithmetic expand/single/bits expand/single/circular expand/single/erf expand/single/exp expand/single/gamma expand/single/inverse expand/single/log expand/single/power',
    'backend/reference/math.test.ts': 'coefficients/erf coefficients/lgamma',
    'backend/wasm/math.test.ts': 'coefficients/erf coefficients/lgamma',
    'backend/reference/scalar.test.ts': 'scalar',
    'backend/reference/movement.test.ts': 'view',
  },
  ir: {
    'ir/check.test.ts': 'primitive print program',
    'ir/passes.test.ts': 'bind interpret optimize trace passes/cse passes/dce passes/fold passes/inline passes/pass passes/simplify',
    'ir/derivatives.test.ts': 'passes/simplify',
    'compile/fuse.test.ts': 'scalarBody',
    'backend/reference/program.test.ts': 'liveness',
    'laws/toy.test.ts': 'linear',
    'prim/elementwise.test.ts': 'linear',
    'transforms/evalShape.test.ts': 'trace',
    'transforms/collective.test.ts': 'axes',
  },
  prim: {
    'prim/elementwise.test.ts':
      'activation arithmetic bits comparison define exponential gaussian normal power select shrink special trigonometric',
    'prim/structure.test.ts': 'broadcast layout pad',
    'prim/window.test.ts': 'patches sliding',
    'prim/gather.test.ts': 'places scattered scatterReduce',
    'prim/fma.test.ts': 'xlaFloat32',
    'nn/softmax.test.ts': 'softmax',
    'transforms/pureCallback.test.ts': 'callback',
    'numpy/special.test.ts': 'normal',
  },
  compile: {
    'io/onnx/toOnnx.test.ts':
      'onnx/activation onnx/batch onnx/builder onnx/control onnx/conv onnx/dot onnx/dynamic onnx/gather onnx/graph onnx/lower onnx/model onnx/movement onnx/reduce onnx/rule onnx/scalars onnx/sort onnx/table onnx/windows',
    'io/onnx/evaluate.test.ts':
      'onnx/activation onnx/batch onnx/builder onnx/control onnx/conv onnx/dot onnx/dynamic onnx/gather onnx/graph onnx/lower onnx/movement onnx/reduce onnx/scalars onnx/sort onnx/table onnx/windows',
    // Where ADJOINT_ORACLES names an onnxruntime: the numbers that exported graphs compute.
    'io/onnx/onnxruntime.test.ts':
      'onnx/activation onnx/batch onnx/builder onnx/control onnx/conv onnx/dot onnx/dynamic onnx/gather onnx/graph onnx/lower onnx/movement onnx/reduce onnx/scalars onnx/sort onnx/table onnx/windows',
    'compile/fuse.test.ts': 'target cost groups indexMap loops roles siblings spreads',
    'compile/nests.test.ts': 'values',
    'compile/structure.test.ts': 'loops',
    'compile/memory.test.ts': 'usage',
    'backend/wasm/loops.test.ts': 'fuse groups indexMap roles siblings spreads',
    'backend/reference/program.test.ts': 'plan',
    'device/explain.test.ts': 'cost explanation',
  },
  backend: {
    'backend/reference/program.test.ts': 'reference/control reference/equation reference/index reference/params reference/routines',
    'backend/reference/movement.test.ts': 'reference/affine reference/loop reference/strided reference/view',
    'backend/reference/reduction.test.ts': 'reference/combine reference/cumulative reference/loops reference/reduce',
    'backend/reference/order.test.ts': 'reference/scatter reference/sort',
    'backend/reference/dot.test.ts': 'reference/gemm',
    'backend/reference/scalar.test.ts': 'reference/target reference/convert reference/expression reference/float reference/integer',
    'backend/reference/math.test.ts': 'reference/math/elementary reference/math/erf reference/math/gamma reference/math/polynomial',
    'prim/structure.test.ts': 'reference/concat reference/placed wasm/routines/concat wasm/routines/placed',
    'backend/wasm/conv.test.ts':
      'wasm/conv/conv wasm/conv/dotJob wasm/conv/dots wasm/conv/few wasm/conv/fewJob wasm/conv/fields wasm/conv/finite wasm/conv/geometry wasm/conv/images wasm/conv/module wasm/conv/panels wasm/conv/product wasm/conv/stripJob wasm/conv/offsets wasm/conv/strips',
    'backend/wasm/gemm.test.ts':
      'wasm/gemm/direct wasm/gemm/dot wasm/gemm/gemm wasm/gemm/fields wasm/gemm/kernels wasm/gemm/lanes wasm/gemm/layout wasm/gemm/pack wasm/gemm/packed wasm/gemm/panels wasm/gemm/plan wasm/gemm/rows wasm/gemm/site wasm/gemm/tile wasm/block wasm/addressing wasm/site',
    'backend/wasm/loops.test.ts':
      'wasm/loops/accumulate wasm/loops/analyse wasm/loops/choose wasm/loops/context wasm/loops/cost wasm/loops/domain wasm/loops/emit wasm/loops/frame wasm/loops/gathers wasm/loops/keep wasm/loops/lanes wasm/loops/rebuild wasm/loops/rows wasm/loops/scalars wasm/loops/signs wasm/loops/site wasm/loops/split wasm/loops/streams wasm/loops/values',
    'backend/wasm/nests.test.ts':
      'reference/expression reference/loops wasm/nests/combination wasm/nests/emit wasm/nests/kernel wasm/nests/nest wasm/nests/plain wasm/nests/plan wasm/nests/segments wasm/nests/terms wasm/nests/values',
    'backend/wasm/math.test.ts':
      'wasm/math/context wasm/math/double wasm/math/erf wasm/math/exp wasm/math/floats wasm/math/gamma wasm/math/hyperbolic wasm/math/index wasm/math/integers wasm/math/inverse wasm/math/log wasm/math/logarithms32 wasm/math/node wasm/math/power wasm/math/remainder wasm/math/trigonometric wasm/math/widen',
    'backend/wasm/routines.test.ts':
      'wasm/math/reduction wasm/routines/copy wasm/routines/cumulative wasm/routines/dynamicUpdateSlice wasm/routines/index wasm/routines/radix wasm/routines/routine wasm/routines/runs wasm/routines/scatter wasm/routines/shares wasm/routines/sort wasm/routines/totals',
    'backend/wasm/instructions.test.ts':
      'wasm/bytes wasm/code wasm/instructions/control wasm/instructions/forms wasm/instructions/scalar wasm/instructions/vector wasm/module',
    'backend/driver/residents.test.ts': 'driver/budget driver/collector driver/residency',
    'backend/driver/run.test.ts': 'driver/control',
    'transforms/pureCallback.test.ts': 'driver/host',
    'backend/wasm/backend.test.ts':
      'driver/control driver/run wasm/link wasm/target wasm/equation wasm/index wasm/program wasm/single wasm/small',
    'backend/wasm/refusals.test.ts': 'wasm/memory',
    'backend/wasm/heap.test.ts': 'wasm/places wasm/ranges',
    'backend/wasm/memory.test.ts': 'driver/run wasm/program wasm/shelf',
    'backend/wasm/modules.test.ts': 'wasm/engine wasm/machine wasm/shelf wasm/support',
    'backend/wasm/threads.test.ts': 'wasm/host wasm/threads/crew wasm/threads/spawn wasm/threads/team wasm/threads/worker',
  },
  distributed: { 'distributed/spmd.test.ts': 'member memberSource primitive team' },
  transforms: {
    'prim/collective.test.ts': 'batch',
    'transforms/vmap.test.ts': 'mapped',
    'transforms/tape.test.ts': 'application linearMap recordLinear zeros',
    'transforms/linearize.test.ts': 'linearMap recordLinear',
    'transforms/custom.test.ts': 'linearMap recordLinear',
    'laws/control.test.ts': 'programs',
    'errors/trees.test.ts': 'flat',
    'transforms/pureCallback.test.ts': 'hostCall',
    'transforms/debug.test.ts': 'hostCall printFormat',
  },
  control: { 'laws/control.test.ts': 'call primitives', 'control/loops.test.ts': 'carry', 'control/staged.test.ts': 'jit' },
  device: {
    'device/execute.test.ts': 'cache',
    'device/select.test.ts': 'current',
    'backend/driver/learning.test.ts': 'constants',
  },
  numpy: {
    'numpy/math.test.ts': 'arithmetic bits comparison exponential rounding special trigonometric ufunc',
    'numpy/index.test.ts': 'at diagonal search spec take',
    'numpy/reduce.test.ts': 'cumulative nanReduce reduction',
    'numpy/products.test.ts': 'einsum matmul',
    'numpy/shape.test.ts': 'join rearrange',
    'numpy/create.test.ts': 'ranges',
    'core/value.test.ts': 'create',
    'numpy/lift.test.ts': 'dual',
  },
  random: {
    'random/jax.test.ts': 'bits discrete draw',
    'random/random.test.ts': 'bits discrete draw key',
    'random/transforms.test.ts': 'draw gen',
  },
  nn: {
    'nn/recurrent.test.ts': 'bidirectional cell gates gru lstm rnn',
    'nn/containers.test.ts': 'part residual sequential shape',
    'nn/layer.test.ts': 'dense gate intermediates part',
    'errors/nn.test.ts': 'fit',
    'nn/convTranspose.test.ts': 'depthwise im2col',
    'nn/conv.test.ts': 'spatial',
    'nn/attention.test.ts': 'embedding multiHeadAttention positions',
    'nn/models/language.test.ts': 'models/charLstm models/gpt',
    'nn/models/image.test.ts': 'models/leNet models/resNet models/squeezeNet models/vgg',
    'nn/models/models.test.ts': 'models/mlp models/vae',
  },
  losses: {
    'losses/torch.test.ts': 'classification ctc embedding reduction robust shapes',
    'losses/losses.test.ts': 'classification reduction regression shapes',
  },
  metrics: {
    'metrics/metrics.test.ts': 'accuracy classes confusion likelihood mean metric r2 ranking weigh',
    'metrics/laws.test.ts': 'metric weigh',
  },
  optim: {
    'optim/optim.test.ts': 'alias momentum transform',
    'optim/optax.test.ts': 'cycles leaves moments rectified variants',
    'optim/clip.test.ts': 'norms',
    'optim/transforms.test.ts': 'accumulate average centralize clip factored finite hyperparams lookahead masked noise scale sign trust',
    'optim/training.test.ts': 'finite lbfgs lineSearch minimize',
  },
  data: {
    'data/images.test.ts': 'augment byteImages colour crop resize',
    'data/text.test.ts': 'bytePairs characters sequences utf8',
    'data/download.test.ts': 'capabilities disguise located receive',
    'data/published.test.ts': 'cifar decodeImage tar texts',
    'data/dataset.test.ts': 'batches transforms',
    'data/parts.test.ts': 'examples lazy sinCurve',
    'data/streams.test.ts': 'stream',
    'data/idx.test.ts': 'gunzip',
    'data/files.test.ts': 'fault joinBytes memoryFiles nodeFiles temporary',
  },
  io: {
    'io/checkpoint.test.ts': 'checkpointFormat checkpoints records',
    'io/png.test.ts': 'pack',
    'io/npz.test.ts': 'crc32 deflate zip zipDirectory',
    'io/npy.test.ts': 'elements halves pyliteral',
    'io/events.test.ts': 'bins eventWriter protobuf records',
    'io/onnx/toOnnx.test.ts': 'onnx/encode',
    'io/safetensors.test.ts': 'safetensorsHeader shardIndex sharded skipped store tensorFile weights',
  },
  viz: {
    'viz/drawings.test.ts': 'axes beside confusion curve heatMap histogram imageGrid numbers regions scatter shades',
    'viz/matrices.test.ts': 'axes confusion embed heatMap histogram imageGrid markup model numbers reportStyle scatter shades',
    'viz/plots.test.ts': 'beside curve progress regions',
    'viz/dot.test.ts': 'graph svg',
    'ir/derivatives.test.ts': 'tape',
  },
  laws: {
    'laws/failing.test.ts': 'batching dataset derivative difference format law layer optimizer random same tree',
    'laws/checkGrads.test.ts': 'derivative difference points',
    'laws/control.test.ts': 'domains/control',
    'laws/domains.test.ts':
      'arbitrary domain domains/callback domains/contract domains/elementwise domains/index domains/indexing domains/structure',
    'laws/mutation.test.ts': 'primitive tolerance',
    'laws/programs.test.ts': 'program',
    'laws/library.test.ts': 'random tree',
    'metrics/laws.test.ts': 'metric',
  },
}

const walk = (folder) =>
  readdirSync(join(root, folder), { withFileTypes: true }).flatMap((e) =>
    e.isDirectory() ? walk(`${folder}/${e.name}`) : [`${folder}/${e.name}`],
  )

const parse = (file) => ts.createSourceFile(file, readFileSync(join(root, file), 'utf8'), ts.ScriptTarget.Latest, true)

/** Whether a file holds nothing that runs: types, and names handed on. */
const isBare = (file) =>
  parse(file).statements.every(
    (s) => ts.isImportDeclaration(s) || ts.isExportDeclaration(s) || ts.isTypeAliasDeclaration(s) || ts.isInterfaceDeclaration(s),
  )

/** Source file -> tests, of a table. */
const invert = (table) => {
  const found = new Map()
  for (const [folder, lines] of Object.entries(table))
    for (const [test, names] of Object.entries(lines))
      for (const name of names.split(' ')) {
        const file = `${folder === 'laws' ? '' : 'src/'}${folder}/${name}.ts`
        found.set(file, [...(found.get(file) ?? []), `test/${test}`])
      }
  return found
}

const mirrorOf = (file) => `test/${file.replace(/^src\//, '').replace(/\.ts$/, '')}.test.ts`
const byTable = invert(covered)

/** The tests of a source file: its mirror, and what the table adds. */
export const testsOf = (file) => {
  const mirror = mirrorOf(file)
  return [...new Set([...(existsSync(join(root, mirror)) ? [mirror] : []), ...(byTable.get(file) ?? [])])]
}

const entryOf = new Map(Object.entries(sources).map(([name, file]) => [specifier(name), file]))

/** The files that a file imports when types are erased. */
const importsOf = (file) => {
  const found = []
  const add = (from) => {
    const target = from.startsWith('.') ? relative(root, resolve(root, dirname(file), from)).replace(/\.js$/, '.ts') : entryOf.get(from)
    if (target !== undefined && existsSync(join(root, target))) found.push(target)
  }
  // A test that loads the library anew does so by a call.
  if (file.startsWith('test/')) for (const [, from] of readFileSync(join(root, file), 'utf8').matchAll(/\bimport\('([^']+)'\)/g)) add(from)
  // The build puts the bundle of the one in the place of the other.
  if (file === 'src/distributed/memberSource.ts') add('./member.js')
  for (const s of parse(file).statements) {
    const erased = (ts.isImportDeclaration(s) && s.importClause?.isTypeOnly) || (ts.isExportDeclaration(s) && s.isTypeOnly)
    const from = (ts.isImportDeclaration(s) || ts.isExportDeclaration(s)) && !erased ? s.moduleSpecifier?.text : undefined
    if (from !== undefined) add(from)
  }
  return found
}

const imported = new Map()
const importsOnce = (file) => {
  if (!imported.has(file)) imported.set(file, importsOf(file))
  return imported.get(file)
}

/** The files that a file loads: what it imports, and what that imports. */
const loads = (file) => {
  const seen = new Set([file])
  for (const f of seen) for (const g of importsOnce(f)) seen.add(g)
  return seen
}

const loaded = new Map()
const loadedBy = (test) => {
  if (!loaded.has(test)) loaded.set(test, loads(test))
  return loaded.get(test)
}

/** What is wrong with a table, as sentences. */
const faults = (table, files) => {
  const lines = invert(table)
  const wrong = []
  for (const file of files) {
    const mirror = mirrorOf(file)
    const tests = lines.get(file) ?? []
    const bare = isBare(file)
    if (bare && tests.length > 0) wrong.push(`${file} holds only types or re-exports: its line in the table is superfluous`)
    if (!bare && tests.length === 0 && !existsSync(join(root, mirror)))
      wrong.push(`${file} has no tests: write ${mirror}, or list what covers it`)
    for (const test of [...tests, ...(existsSync(join(root, mirror)) ? [mirror] : [])]) {
      if (!existsSync(join(root, test))) wrong.push(`${file} is covered by ${test}, which does not exist`)
      else if (!bare && !loadedBy(test).has(file)) wrong.push(`${file} is covered by ${test}, which does not load it`)
    }
    if (tests.includes(mirror)) wrong.push(`${file} is listed under its own mirror`)
  }
  for (const file of lines.keys()) if (!existsSync(join(root, file))) wrong.push(`${file} is in the table and does not exist`)
  return wrong
}

/** Every file of a floor, laws included; entries only hand names on. */
export const files = [...walk('src').filter((f) => f.endsWith('.ts') && f.split('/').length > 2), ...walk('laws')]

const selfTest = () => {
  const without = structuredClone(covered)
  delete without.tree
  const plants = {
    'has no tests: write test/tree/path.test.ts': without,
    'which does not exist': { ...covered, tree: { 'tree/none.test.ts': 'path structure traverse' } },
    'which does not load it': { ...covered, tree: { 'core/check.test.ts': 'path structure traverse' } },
    'is in the table and does not exist': { ...covered, tree: { 'tree/tree.test.ts': 'path structure traverse gone' } },
    'is listed under its own mirror': { ...covered, tree: { 'tree/tree.test.ts': 'path structure traverse tree' } },
    'its line in the table is superfluous': { ...covered, tree: { 'tree/tree.test.ts': 'path structure traverse index' } },
  }
  const missed = Object.entries(plants).filter(([sentence, table]) => !faults(table, files).some((w) => w.includes(sentence)))
  for (const [sentence] of missed) console.log(`self-test: not caught: ${sentence}`)
  console.log(`self-test: ${Object.keys(plants).length - missed.length} of ${Object.keys(plants).length} planted violations caught`)
  return missed.length
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const wrong = process.argv.includes('--self-test') ? selfTest() : faults(covered, files)
  if (Array.isArray(wrong)) {
    for (const w of wrong) console.log(w)
    const own = files.filter((f) => existsSync(join(root, mirrorOf(f)))).length
    console.log(`mirrors: ${files.length} files, ${own} with tests of their own name, ${byTable.size} by the table, ${wrong.length} faults`)
  }
  process.exitCode = (Array.isArray(wrong) ? wrong.length : wrong) === 0 ? 0 : 1
}
