import type { StoredFile } from '../../core/files/index.ts'
import { previewOf } from '../../core/files/previews/index.ts'
import { StoreError } from '../../core/files/stores/index.ts'
import type { AnyContext } from '../../core/http/route.ts'
import { presentPreview } from './presenter.ts'
import { readText } from './text.ts'

/** Everything that shows a file on a page of whoever may read it; a store that is away leaves the rest of the page. */
export async function loadPreview(words: Pick<AnyContext, 't' | 'format'>, file: StoredFile, next: string) {
  const preview = await previewOf(file)
  if (preview.showing !== 'text') return presentPreview(words, file, preview, next)
  try {
    return presentPreview(words, file, preview, next, await readText(file))
  } catch (error) {
    if (!(error instanceof StoreError)) throw error
    return presentPreview(words, file, { ...preview, state: 'none' }, next)
  }
}
