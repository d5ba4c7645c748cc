export { capture, newCaptureStatus, type CaptureDeps, type CaptureStatus } from './capture.js';
export { readPublicationMarks, type PublicationMark, type PublicationMarks } from './publication-marks.js';
export { readPartitionMarks, type PartitionMark } from './partition-marks.js';
export * from './preflight/index.js';
export * from './setup/index.js';
