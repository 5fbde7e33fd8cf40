// What shows PDF pages. The build for older browsers: many a phone in a school is ten years old.
export { GlobalWorkerOptions, getDocument, TextLayer } from 'pdfjs-dist/legacy/build/pdf.mjs'
