import type { StoredFile } from '../../core/files/index.ts'
import { fileSaveUrl, saySize } from '../../core/files/present.ts'
import type { Preview } from '../../core/files/previews/index.ts'
import type { Format } from '../../core/i18n/format.ts'
import type { Translate } from '../../core/i18n/index.ts'
import type { TextHead } from './text.ts'

/**
 * A file as `views/files/preview-part.ejs` shows it.
 * @param next the page to come back to when a preview that is being made is ready
 */
export function presentPreview(
  { t, format }: { t: Translate; format: Format },
  file: StoredFile,
  preview: Preview,
  next: string,
  text?: TextHead,
) {
  const raw = `/files/${file.id}`
  const isMade = preview.showing === 'word' || preview.showing === 'office'
  return {
    name: file.name,
    size: saySize(t, format, file.size),
    saveHref: fileSaveUrl(file.id),
    showing: preview.showing === 'office' ? 'pdf' : preview.showing,
    state: preview.state,
    src: isMade ? `${raw}/preview` : raw,
    reason: preview.reason ? t(`files.preview.reason.${preview.reason}`) : '',
    waitUrl: `${raw}/preview/state`,
    next,
    text: text?.text ?? '',
    isCut: text?.isCut ?? false,
  }
}
