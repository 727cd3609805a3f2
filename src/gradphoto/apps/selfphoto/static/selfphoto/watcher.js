// MediaPipe's face model in the browser: loaded from our own server, only where it is installed and only when it is wanted.
// Nothing of the picture leaves the phone by it.

/** Whether the model (about 7 MB) may be fetched without asking: not on a metered or slow line. */
export function mayLoadUnasked(connection = navigator.connection) {
  if (!connection) return true;
  return !connection.saveData && !["slow-2g", "2g", "3g"].includes(connection.effectiveType);
}

/** A function that looks at a canvas and returns the faces on it: points, blendshapes, matrix. */
export async function loadWatcher(address) {
  const { FaceLandmarker, FilesetResolver } = await import(`${address}vision_bundle.mjs`);
  const kind = (await FilesetResolver.isSimdSupported()) ? "vision_wasm_internal" : "vision_wasm_nosimd_internal";
  const files = { wasmLoaderPath: `${address}${kind}.js`, wasmBinaryPath: `${address}${kind}.wasm` };
  const model = await FaceLandmarker.createFromOptions(files, {
    baseOptions: { modelAssetPath: `${address}face_landmarker.task`, delegate: "CPU" },
    runningMode: "VIDEO", numFaces: 2, outputFaceBlendshapes: true, outputFacialTransformationMatrixes: true,
  });
  return (canvas, now) => {
    const found = model.detectForVideo(canvas, now);
    return found.faceLandmarks.map((points, index) => ({
      points,
      blendshapes: found.faceBlendshapes[index] ? found.faceBlendshapes[index].categories : [],
      matrix: found.facialTransformationMatrixes[index] ? found.facialTransformationMatrixes[index].data : null,
    }));
  };
}
