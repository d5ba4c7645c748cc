export { capture, newCaptureStatus, type CaptureDeps, type CaptureStatus } from './capture.js';
export * from './preflight/index.js';
export * from './setup/index.js';
