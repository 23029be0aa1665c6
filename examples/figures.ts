/** `npm run figures`: draws the curves of the pages of optimizers and losses, beside the pages. */
import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { draw } from './figures/figure.js'
import { lossFigures } from './figures/losses.js'
import { optimizerFigures } from './figures/optimizers.js'

const folders = { optimizers: optimizerFigures, losses: lossFigures }
for (const [folder, figures] of Object.entries(folders))
  for (const [name, figure] of Object.entries(figures))
    await writeFile(fileURLToPath(new URL(`../docs/${folder}/${name}.svg`, import.meta.url)), `${draw(figure)}\n`)
