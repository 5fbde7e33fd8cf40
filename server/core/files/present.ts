import type { Format } from '../i18n/format.ts'
import type { Translate } from '../i18n/index.ts'
import { type Showing, showingOf } from './kinds.ts'

const ICONS: Record<Showing, string> = {
  image: 'photo',
  video: 'video',
  audio: 'headphones',
  pdf: 'file-text',
  word: 'file-text',
  office: 'presentation',
  text: 'file-text',
  none: 'file',
}

/** A size as people say it: "2,4 МБ". */
export function saySize(t: Translate, format: Format, bytes: number): string {
  if (bytes < 1e6) return t('files.size.kilobytes', { size: format.number(Math.ceil(bytes / 1000), 0) })
  const [unit, step] = bytes < 1e9 ? ['megabytes', 1e6] : ['gigabytes', 1e9]
  return t(`files.size.${unit}`, { size: format.number(bytes / Number(step), 1) })
}

/** The page that shows a file, and the one that saves it. */
export const fileViewUrl = (id: number): string => `/files/${id}/view`
export const fileSaveUrl = (id: number): string => `/files/${id}?download=1`

/** A file as `views/shared/file.ejs` prints it: name, size, small picture, and the way to look at it. */
export function presentFile(
  { t, format }: { t: Translate; format: Format },
  file: { id: number; name: string; mediaType: string; size: number },
) {
  const showing = showingOf(file.mediaType)
  return {
    href: fileViewUrl(file.id),
    saveHref: fileSaveUrl(file.id),
    name: file.name,
    size: saySize(t, format, file.size),
    icon: ICONS[showing],
    thumbUrl: showing === 'image' ? `/files/${file.id}/thumb` : null,
  }
}
