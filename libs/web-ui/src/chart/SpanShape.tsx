import { type DrawnPart } from './span-words.js';

/** A bar as the charting library hands it over: where it is, and what it shows. */
export interface SpanShapeProps {
  readonly x?: number;
  readonly y?: number;
  readonly width?: number;
  readonly height?: number;
  readonly payload?: {
    readonly fill: string;
    readonly seconds: readonly number[];
    readonly parts: readonly (DrawnPart & { readonly share: number })[];
  };
}

const REST_PX = 2;

/** A span as a line from begin to end, with a bar wherever it was worked on, as high as its part is; else one whole bar. */
export function SpanShape({ x = 0, y = 0, width = 0, height = 0, payload }: SpanShapeProps) {
  if (!payload) return null;
  const { fill, parts, seconds } = payload;
  const [beganS = 0, endedS = 0] = seconds;
  if (parts.length === 0 || endedS <= beganS) return <rect {...{ x, y, width, height, fill }} />;
  const atPx = (second: number) => x + ((second - beganS) / (endedS - beganS)) * width;
  return (
    <g>
      <rect x={x} y={y + (height - REST_PX) / 2} width={width} height={REST_PX} fill={fill} />
      {parts.map((part) => (
        <rect
          key={part.beganS}
          x={atPx(part.beganS)}
          y={y + (height * (1 - part.share)) / 2}
          width={Math.max(1, atPx(part.endedS) - atPx(part.beganS))}
          height={height * part.share}
          fill={fill}
        />
      ))}
    </g>
  );
}
