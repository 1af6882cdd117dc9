import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { AssetType, TerraformAsset } from 'cdktf';
import { Construct } from 'constructs';
import { InvalidProps } from '../core/errors';
import { StrongroomStack } from '../core/strongroom-stack';

/** Under this name the package exports the zip: the same from its source, its build and an installation. */
const SHIPPED = 'strongroom/rotation-bundle';

const CHILD = 'rotation-bundle';

/** The rotation function's code as a file, once per stack, hashed by the zip's bytes so that the same code plans empty. */
export class RotationBundle extends Construct {
  /**
   * The bundle of a construct's stack, made at first use.
   *
   * @throws {InvalidProps} `SR-ROTATION-BUNDLE` when the package's zip was not built.
   */
  static of(construct: Construct): RotationBundle {
    const stack = StrongroomStack.of(construct);
    const present = stack.node.tryFindChild(CHILD);
    if (present instanceof RotationBundle) return present;
    return new RotationBundle(stack, CHILD, shippedZip(construct));
  }

  /** Path of the zip below the synthesized stack. */
  readonly fileName: string;
  /** SHA-256 of the zip's bytes in base64, as Terraform's `source_code_hash` wants it. */
  readonly sourceCodeHash: string;

  private constructor(scope: Construct, id: string, zip: string) {
    super(scope, id);
    const sha256 = createHash('sha256').update(readFileSync(zip)).digest();
    const asset = new TerraformAsset(this, 'zip', {
      path: zip,
      type: AssetType.FILE,
      assetHash: sha256.toString('hex'),
    });
    this.fileName = asset.path;
    this.sourceCodeHash = sha256.toString('base64');
  }
}

function shippedZip(at: Construct): string {
  try {
    return createRequire(__filename).resolve(SHIPPED);
  } catch {
    throw new InvalidProps(at.node.path, [
      {
        code: 'SR-ROTATION-BUNDLE',
        property: 'rotation',
        message: `needs the rotation function's code, and ${SHIPPED} has no file`,
        fix: 'run npm run bundle, or install the package again',
      },
    ]);
  }
}
