// How the 16 bytes of a vector literal are divided into lanes.

namespace Anneal.Wasm.Text;

internal enum WatVectorShape : byte { I8x16, I16x8, I32x4, I64x2, F32x4, F64x2 }

internal static class WatVectorShapes
{
    /// <summary>Bytes of a lane.</summary>
    public static int LaneSize(this WatVectorShape shape) => shape switch
    {
        WatVectorShape.I8x16 => 1,
        WatVectorShape.I16x8 => 2,
        WatVectorShape.I32x4 or WatVectorShape.F32x4 => 4,
        _ => 8,
    };
}
