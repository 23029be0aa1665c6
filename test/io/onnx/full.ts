/** VGG16 in full, 224 x 224: `ADJOINT_ORACLES=FOLDER node scripts/run.mjs test/io/onnx/full.ts`. Needs 4 GiB. */
import process from 'node:process'
import { evalShape, models, random, tree } from '../../../src/index.js'
import { hostTensor } from '../../../src/extend.js'
import type { Tensor } from '../../../src/index.js'
import { stream } from '../../../laws/index.js'
import { compareSubject } from './compare.js'

const model = models.vgg16()
const draw = stream(1)
/** Numbers of the size that He's initialiser gives, cheaply. */
const filled = (x: Tensor): Tensor => {
  const fanIn = x.ndim === 4 ? x.size / x.shape[0]! : x.ndim === 2 ? x.shape[0]! : 100
  const some = Float32Array.from({ length: 4099 }, () => draw() * Math.sqrt(3 / fanIn))
  const data = new Float32Array(x.size)
  for (let at = 0; at < data.length; at += some.length) data.set(some.subarray(0, Math.min(some.length, data.length - at)), at)
  return hostTensor(x.aval, data)
}
const shapes = evalShape(() => model.init(random.key(0)))
const params = tree.map((x) => filled(x as Tensor), shapes)
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
