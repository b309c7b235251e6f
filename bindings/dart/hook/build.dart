/// Hands the library to whoever builds a program with this package. It is not built here: the program's pubspec.yaml says where it is.
library;

import 'dart:io';

import 'package:code_assets/code_assets.dart';
import 'package:hooks/hooks.dart';

void main(List<String> arguments) async {
  await build(arguments, (input, output) async {
    if (!input.config.buildCodeAssets) {
      return;
    }
    final library = input.userDefines.path('library');
    if (library == null || !File.fromUri(library).existsSync()) {
      throw StateError(
        'rusted_ring: ${library == null ? 'no library is named' : '${library.toFilePath()} does not exist'}. Build it for '
        '${input.config.code.targetOS} on ${input.config.code.targetArchitecture} with '
        '`cargo build --release --package rusted-ring-ffi`, and name it in the pubspec.yaml of the program: '
        'hooks: {user_defines: {rusted_ring: {library: path/to/librusted_ring_ffi.so}}}',
      );
    }
    output.dependencies.add(library);
    output.assets.code.add(
      CodeAsset(
        package: input.packageName,
        name: 'src/abi.g.dart',
        linkMode: DynamicLoadingBundled(),
        file: library,
      ),
    );
  });
}
