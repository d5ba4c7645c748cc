import { Injectable } from '@nestjs/common';
import { type OpenAPIObject } from '@nestjs/swagger';

/** The document of the running application, made when it is first asked for. */
@Injectable()
export class ServedDocument {
  private make: (() => OpenAPIObject) | null = null;
  private made: OpenAPIObject | null = null;

  /** Called once, when the application exists. */
  provide(make: () => OpenAPIObject): void {
    this.make = make;
  }

  document(): OpenAPIObject {
    if (!this.make) throw new Error('nobody has provided the OpenAPI document');
    this.made ??= this.make();
    return this.made;
  }
}
