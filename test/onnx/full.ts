/** VGG16 in full, 224 x 224: `ADJOINT_ORACLES=FOLDER node scripts/run.mjs test/onnx/full.ts`. Needs 4 GiB. */
import process from 'node:process'
import { models, random } from '../../src/index.js'
import type { Tensor } from '../../src/index.js'
import { compareSubject } from './compare.js'

const model = models.vgg16()
const params = model.init(random.key(0))
const start = performance.now()
const result = await compareSubject({
  f: (p: typeof params, x: Tensor) => model.apply(p)(x),
  args: [params, random.normal(random.key(1), [1, 3, 224, 224])],
  options: { weights: [0] },
})
process.stdout.write(
  `VGG16: ${result.bytes} bytes, error ${result.error.toExponential(1)}, ${result.wrong.length} wrong, ${((performance.now() - start) / 1000).toFixed(0)} s\n`,
)
process.exitCode = result.wrong.length === 0 ? 0 : 1
