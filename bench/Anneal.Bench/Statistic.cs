// The one number that stands for the repetitions of a measurement, and the mean of ratios.

namespace Anneal.Bench;

internal enum Statistic
{
    Median,
    Min,
}

internal static class Statistics
{
    /// <summary>The statistic of a non-empty list of samples.</summary>
    public static double Of(Statistic statistic, IReadOnlyCollection<double> samples)
    {
        double[] sorted = [.. samples.Order()];
        if (statistic == Statistic.Min)
            return sorted[0];
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /// <summary>The geometric mean of positive numbers; NaN of none.</summary>
    public static double GeometricMean(IReadOnlyCollection<double> values) =>
        values.Count == 0 ? double.NaN : Math.Exp(values.Sum(Math.Log) / values.Count);
}
