/**
 * Numbers that are a mistake for most parameters and right for some: which, for which parameter, and why. Everywhere else the public
 * surface refuses NaN, infinities, negative, fractional and huge numbers where a parameter is a number.
 */

interface Right {
  readonly why: string
  readonly mistakes: readonly string[]
  readonly parameters: readonly string[]
}

const words = (text: string): readonly string[] => text.split(/\s+/).filter((w) => w !== '')

const right: readonly Right[] = [
  {
    why: 'an axis, or a diagonal, counted from the other end',
    mistakes: ['-1'],
    parameters: words(`np.argmax.options np.argmin.options np.average.options np.concatenate.options np.diagonal.options np.expandDims.y
      np.flip.options np.max.options np.mean.options np.min.options np.moveaxis.source np.moveaxis.destination np.prod.options np.sort.options
      np.squeeze.options np.stack.options np.swapaxes.a np.swapaxes.b np.take.options np.takeAlongAxis.options np.triu.options np.var.options
      np.amax.options np.amin.options np.concat.options np.unstack.options np.argsort.options np.cumsum.options np.sum.options random.shuffle.axis random.permutation.options`),
  },
  { why: 'a size that is inferred', mistakes: ['-1'], parameters: words('np.reshape.y') },
  {
    why: 'a whole number of any sign',
    mistakes: ['-1'],
    parameters: words(
      'np.roll.shift np.round.options np.around.options lax.integerPow.n np.arange.stop np.rot90.options random.key.seed random.foldIn.data switch_.index vmap.given',
    ),
  },
  {
    why: 'a number between whole ones',
    mistakes: ['1.5'],
    parameters: words('np.arange.stop np.geomspace.start np.geomspace.stop np.percentile.q'),
  },
  {
    why: 'any number is a value to record, and stands in the place of a tensor',
    mistakes: ['-1', '1.5', '1e300', 'NaN', 'Infinity'],
    parameters: words('nn.dropWhere.keep nn.identity.x io.scalarSummary.value'),
  },
  { why: 'left out, 2 keys', mistakes: ['undefined', 'missing'], parameters: words('random.split.n') },
  {
    why: 'a list of anything is a stream, a tree of axes, or the tree itself',
    mistakes: ['a ragged list'],
    parameters: words(
      'data.batchStream.source data.collect.source data.mapStream.source data.prefetch.source data.shuffleStream.source vmap.given',
    ),
  },
  { why: 'no axis at all is refused when the function is called', mistakes: ['null'], parameters: words('vmap.given') },
  { why: 'no options at all', mistakes: ['undefined', 'missing'], parameters: words('data.colourJitter.options data.normalise.options') },
  {
    why: 'a bound: any number above 0, infinity where there is none',
    mistakes: ['1.5', '1e300', 'Infinity'],
    parameters: words('io.gunzip.limit optim.adaptiveGradClip.clipping optim.clipByBlockRms.threshold'),
  },
  {
    why: 'the value of a schedule: any finite number',
    mistakes: ['-1', '1.5', '1e300'],
    parameters: words(
      'optim.constantSchedule.value optim.piecewiseConstantSchedule.initValue optim.piecewiseInterpolateSchedule.initValue',
    ),
  },
  { why: 'a padding below 0 crops', mistakes: ['-1'], parameters: words('lax.paddingOf.padding') },
  {
    why: 'two numbers to compare: any',
    mistakes: ['-1', '1.5', '1e300', 'NaN', 'Infinity'],
    parameters: words('laws.ulpDistance.a laws.ulpDistance.b'),
  },
  {
    why: 'a bound, or a shift: any number of moderate size',
    mistakes: ['-1', '1.5'],
    parameters: words('laws.eighths.max laws.distinct.offset'),
  },
  {
    why: 'a number is a tree of one leaf; a layer that has no parameters reads none',
    mistakes: ['-1', '1.5', '1e300', 'NaN', 'Infinity', 'a ragged list', 'a record'],
    parameters: words('nn.lift nn.dropout nn.sinusoidalPositions').flatMap((f) => [`${f}().apply.params`, `${f}().applyWithState.params`]),
  },
  { why: 'a bound of a range: any finite number', mistakes: ['-1', '1.5', '1e300'], parameters: words('data.randomState().uniform.low') },
  { why: 'a bound, or a seed, of any sign', mistakes: ['-1'], parameters: words('laws.eighths.min laws.stream.seed') },
  { why: 'a step: any positive number', mistakes: ['1.5', '1e300'], parameters: words('laws.difference.h') },
  { why: 'any positive number', mistakes: ['1e300'], parameters: words('np.geomspace.start np.geomspace.stop') },
]

const table = new Set(right.flatMap((r) => r.parameters.flatMap((p) => r.mistakes.map((m) => `${p} ${m}`))))

/** Is this number right for the parameter, given as `function.parameter`? */
export const accepted = (parameter: string, mistake: string): boolean => table.has(`${parameter} ${mistake}`)
