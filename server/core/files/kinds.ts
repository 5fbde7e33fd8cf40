import { fileTypeFromFile } from 'file-type'
import { InputError } from '../errors.ts'
import type { UploadedFile } from '../http/uploads.ts'
import { extensionOf } from './names.ts'

/** How a file is shown in the browser: by the browser itself, turned into something that it shows, or not at all. */
export type Showing = 'image' | 'video' | 'audio' | 'pdf' | 'word' | 'office' | 'text' | 'none'

type Kind = { extensions: readonly string[]; showing: Showing }

const OPEN_XML = 'application/vnd.openxmlformats-officedocument'
const OPEN_DOCUMENT = 'application/vnd.oasis.opendocument'

/** What may be uploaded, by content and not by name. Pages, drawings with scripts, programs and macros are never among it. */
const KINDS: Record<string, Kind> = {
  'application/pdf': { extensions: ['pdf'], showing: 'pdf' },
  'image/png': { extensions: ['png'], showing: 'image' },
  'image/jpeg': { extensions: ['jpg', 'jpeg'], showing: 'image' },
  'image/webp': { extensions: ['webp'], showing: 'image' },
  'image/gif': { extensions: ['gif'], showing: 'image' },
  'audio/mpeg': { extensions: ['mp3'], showing: 'audio' },
  'audio/x-m4a': { extensions: ['m4a'], showing: 'audio' },
  'audio/ogg': { extensions: ['ogg', 'oga'], showing: 'audio' },
  'audio/wav': { extensions: ['wav'], showing: 'audio' },
  'video/mp4': { extensions: ['mp4', 'm4v'], showing: 'video' },
  'video/webm': { extensions: ['webm'], showing: 'video' },
  'video/quicktime': { extensions: ['mov'], showing: 'video' },
  'application/zip': { extensions: ['zip'], showing: 'none' },
  [`${OPEN_XML}.wordprocessingml.document`]: { extensions: ['docx'], showing: 'word' },
  [`${OPEN_XML}.spreadsheetml.sheet`]: { extensions: ['xlsx'], showing: 'office' },
  [`${OPEN_XML}.presentationml.presentation`]: { extensions: ['pptx'], showing: 'office' },
  [`${OPEN_DOCUMENT}.text`]: { extensions: ['odt'], showing: 'office' },
  [`${OPEN_DOCUMENT}.spreadsheet`]: { extensions: ['ods'], showing: 'office' },
  [`${OPEN_DOCUMENT}.presentation`]: { extensions: ['odp'], showing: 'office' },
  'application/x-cfb': { extensions: ['doc', 'xls', 'ppt'], showing: 'office' },
  'application/rtf': { extensions: ['rtf'], showing: 'office' },
  'text/plain': { extensions: ['txt', 'csv', 'md'], showing: 'text' },
}

/** Other names of the same formats. */
const SYNONYMS: Record<string, string> = {
  'audio/ogg; codecs=opus': 'audio/ogg',
  'audio/opus': 'audio/ogg',
  'application/ogg': 'audio/ogg',
  'audio/mp4': 'audio/x-m4a',
  'video/x-m4v': 'video/mp4',
  'audio/vnd.wave': 'audio/wav',
  'text/rtf': 'application/rtf',
}

export const showingOf = (mediaType: string): Showing => KINDS[mediaType]?.showing ?? 'none'

/** Whether the content is a ZIP archive inside: its parts are counted before anything unpacks them. */
export const isPackage = (mediaType: string): boolean =>
  mediaType.startsWith(OPEN_XML) || mediaType.startsWith(OPEN_DOCUMENT)

async function sniff(file: UploadedFile): Promise<string | undefined> {
  const sniffed = await fileTypeFromFile(file.path)
  // The mark with which spreadsheets begin a text in UTF-16 looks like the beginning of a sound.
  if (!sniffed || sniffed.ext === 'mp1') return undefined
  return SYNONYMS[sniffed.mime] ?? sniffed.mime
}

/**
 * What a file is, by its content.
 * @throws InputError if such files are not taken, or the name says something else
 */
export async function mediaTypeOf(file: UploadedFile, field: string): Promise<string> {
  const extension = extensionOf(file.name)
  // What has no mark of its own is a text if it calls itself one: it is never served as anything else.
  const found = (await sniff(file)) ?? (KINDS['text/plain']?.extensions.includes(extension) ? 'text/plain' : '')
  const kind = KINDS[found]
  if (!kind) throw InputError.of(field, 'errors.field.fileKind')
  if (kind.extensions.includes(extension)) return found
  const values = { found: (kind.extensions[0] as string).toUpperCase(), name: file.name }
  throw InputError.of(field, 'errors.field.fileMismatch', values)
}
