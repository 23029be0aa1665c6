/** Models of language learn to write like Shakespeare, letter by letter. */
import * as E from 'fp-ts/lib/Either.js'
import { data, jit, losses, models, np, optim, random, valueAndGrad } from '../../src/index.js'
import { moved } from './classify.js'
import type { Job } from './loop.js'
import { run, warmedCosine, weighted } from './loop.js'
import type { Options } from './options.js'
import { lossCurve, write } from './report.js'
import type { Report } from './report.js'

/** Everything that a step changes. */
interface Now<P, S> {
  readonly params: P
  readonly optimizer: optim.State
  /** What the model remembers of the text before the batch; null when every batch begins anew. */
  readonly memory: S | null
}

/** How a model of language is trained. */
interface Recipe<P, S> {
  readonly model: models.LanguageModel<P, S>
  /** Characters that derivatives go through. */
  readonly length: number
  readonly batch: number
  readonly steps: number
  readonly rate: number
  readonly weightDecay: number
  /** Rows of a batch continue those of the batch before, and the model's memory goes along. */
  readonly continues: boolean
}

const gpt = (vocabulary: number): Recipe<models.GptParams, readonly models.GptCache[]> => ({
  model: models.gpt(vocabulary, { context: 64, features: 128, layers: 4, heads: 4 }),
  length: 64,
  batch: 16,
  steps: 5000,
  rate: 3e-3,
  weightDecay: 0.1,
  continues: false,
})

type LstmState = ReturnType<ReturnType<typeof models.charLstm>['initState']>

const lstm = (vocabulary: number): Recipe<models.CharLstmParams, LstmState> => ({
  model: models.charLstm(vocabulary, { hidden: 256, layers: 1 }),
  length: 64,
  batch: 32,
  steps: 3000,
  rate: 5e-3,
  weightDecay: 0,
  continues: true,
})

interface Texts {
  readonly train: Int32Array
  readonly validation: Int32Array
}

/** Places in a text where rows begin: `size` rows side by side, each after the other `length` further on, around the end. */
const onwards = (count: number, size: number, length: number, from: number, steps: number): Int32Array =>
  Int32Array.from(
    { length: steps * size },
    (_, k) => ((k % size) * Math.floor(count / size) + (from + Math.floor(k / size)) * length) % count,
  )

const language = <P, S>(recipe: Recipe<P, S>, { train, validation }: Texts, seed: number): Job<Now<P, S>, data.Labelled> => {
  const { model, length, batch: size, steps, continues } = recipe
  const [initKey, orderKey] = random.split(random.key(seed))
  const optimizer: optim.GradientTransformation = optim.chain(
    optim.clipByGlobalNorm(1),
    optim.scaleByAdam({ b1: 0.9, b2: 0.99 }),
    optim.addDecayedWeights(recipe.weightDecay, { mask: (path) => /\/(w|table)$/.test(path) }),
  )
  const lossOf = (params: P, memory: S | null, { x, y }: data.Labelled) => {
    const [logits, after] = model.applyWithState(params, memory === null ? {} : { state: memory })(x)
    return [losses.softmaxCrossEntropy(logits, y), memory === null ? null : after] as const
  }
  const update = jit(
    ({ params, optimizer: own, memory }: Now<P, S>, batch: data.Labelled, rate: number) => {
      const [[loss, after], grads] = valueAndGrad((p: P) => lossOf(p, memory, batch), { hasAux: true })(params)
      const [updates, next] = optimizer.update(grads as P, own, params)
      return { next: { params: moved(params, updates, rate), optimizer: next, memory: after }, loss }
    },
    { donate: [0] },
  )
  const score = jit(lossOf)
  const memoryOf = (rows: number): S | null => (continues ? model.initState([rows, 1]) : null)
  const windows = data.windows(train, { length })
  const held = data.windows(validation, { length })
  const rows = Math.max(1, Math.min(64, Math.floor(held.length / length)))
  const read = continues
    ? onwards(held.length, rows, length, 0, Math.floor(held.length / rows / length))
    : Int32Array.from({ length: Math.floor((validation.length - 1) / length) }, (_, i) => i * length)
  const every = Math.min(500, Math.ceil(steps / 10))
  const params = model.init(initKey)
  return {
    start: { params, optimizer: optimizer.init(params), memory: memoryOf(size) },
    steps,
    round: { name: 'round', steps: every },
    batches: (round) =>
      data.batches(windows, {
        size,
        order: continues
          ? onwards(windows.length, size, length, (round - 1) * every, every)
          : (random.randint(random.foldIn(orderKey, round), [every * size], 0, windows.length).toTypedArray() as Int32Array),
      }),
    step: (now, batch, rate) => {
      const { next, loss } = update(now, batch, rate)
      return { next: next as Now<P, S>, scores: { loss: Number(loss) }, rows: size }
    },
    rate: warmedCosine(recipe.rate, { warmup: 0.04, floor: 0.03 }),
    evaluate: ({ params }) => {
      let memory = memoryOf(rows)
      return weighted(
        Array.from(data.batches(held, { size: rows, order: read }), (batch) => {
          const [loss, after] = score(params, memory, batch)
          memory = after as S | null
          return { scores: { loss: Number(loss) }, rows: batch.y.shape[0]! }
        }),
      )
    },
    scores: ['loss'],
    held: 'validation',
  }
}

const trained = async <P, S>(recipe: Recipe<P, S>, text: string, options: Options, report: Report): Promise<E.Either<string, number>> => {
  const letters = data.characters(text)
  const tokens = letters.encode(text)
  const cut = Math.floor(0.9 * tokens.length)
  const [train, validation] = [tokens.subarray(0, cut), tokens.subarray(cut)]
  const batch = options.batch ?? recipe.batch
  const perEpoch = Math.ceil(train.length / (batch * recipe.length))
  const steps = options.steps ?? (options.epochs === undefined ? recipe.steps : options.epochs * perEpoch)
  const parameters = models.countParameters(recipe.model)
  report.say({
    event: 'model',
    model: options.model,
    parameters,
    steps,
    text: `${options.model}: ${parameters} parameters, ${steps} steps of ${batch * recipe.length} characters`,
  })
  const result = await run(language({ ...recipe, batch, steps }, { train, validation }, options.seed), options, report)
  if (E.isLeft(result)) return result
  const { last, rounds } = result.right
  const curve = lossCurve(
    rounds.map((r) => r.train.loss!),
    rounds.map((r) => r.held.loss!),
    { title: 'nats per character', xLabel: 'rounds', held: 'validation' },
  )
  await write(report, options.out, `shakespeare-${options.model}.svg`, curve)
  const start = np.array([Array.from(letters.encode('\n'))], { dtype: 'int32' })
  const written = models.sample(recipe.model, { temperature: 0.8 })(last.params, random.key(options.seed), start, 500)
  const sample = letters.decode(written.toTypedArray())
  report.say({ event: 'sample', sample, text: `${sample}\n` })
  return E.right(rounds.at(-1)!.held.loss!)
}

/** Trains, draws the loss curve, writes 500 characters and gives the validation loss; a message when the text cannot be read. */
export const shakespeare = async (options: Options, report: Report): Promise<E.Either<string, number>> => {
  const { data: dir, model } = options
  const loaded = await data.tinyShakespeare(dir === undefined ? {} : { dir })()
  if (E.isLeft(loaded)) return E.left(loaded.left.message)
  const vocabulary = data.characters(loaded.right).size
  return model === 'lstm'
    ? trained(lstm(vocabulary), loaded.right, options, report)
    : trained(gpt(vocabulary), loaded.right, options, report)
}
