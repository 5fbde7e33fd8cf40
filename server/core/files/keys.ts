/** What is made of a content to show it: a small picture, a page of a Word document, a PDF of any other. */
export type PreviewKind = 'thumb' | 'html' | 'pdf'

/** Under which key a content is kept: folders by the first two signs of the hash. */
export const contentKey = (sha256: string): string => `files/${sha256.slice(0, 2)}/${sha256}`

/** Under which key lies what was made of a content. */
export const previewKey = (sha256: string, kind: PreviewKind): string =>
  `previews/${sha256.slice(0, 2)}/${sha256}.${kind}`
