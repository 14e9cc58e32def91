/** The columns of the schema metrics/1. */
import { BoolColumn } from '../column/bool-column.ts';
import { EnumColumn } from '../column/enum-column.ts';
import { EnumRunColumn } from '../column/enum-run-column.ts';
import { FixedColumn } from '../column/fixed-column.ts';
import { IdColumn } from '../column/id-column.ts';
import { ListColumn } from '../column/list-column.ts';
import { NumberListColumn } from '../column/number-list-column.ts';
import { NumberRunColumn } from '../column/number-run-column.ts';
import { OptionalDoubleColumn } from '../column/optional-double-column.ts';
import { SparseColumn } from '../column/sparse-column.ts';
import { Table } from '../column/table.ts';
import { TextColumn } from '../column/text-column.ts';
import { TextRunColumn } from '../column/text-run-column.ts';
import { TimeColumn } from '../column/time-column.ts';
import { GroupColumns } from '../request/group-columns.ts';
import { NumberValue, valueTypeNames } from './number-value.ts';

const temporalityNames: StaticArray<string> = ['UNSPECIFIED', 'DELTA', 'CUMULATIVE'];

/** Initial capacity: a fifth of a usual batch, which three doublings then hold. */
const pointRows: u32 = 2048;
const exemplarRows: u32 = 128;
const quantileRows: u32 = 128;
const bucketsAtStart: u32 = 1024;
/** Initial size of the columns whose value is stored once for all points of a metric. */
const metricTextBytes: u32 = 4096;
const nullable = true;

export const quantiles = new Table(quantileRows);
export const quantile = quantiles.add(new FixedColumn(8));
export const quantileValue = quantiles.add(new FixedColumn(8));

export const exemplars = new Table(exemplarRows);
export const exemplarTime = exemplars.add(new TimeColumn());
const exemplarDouble = exemplars.add(new OptionalDoubleColumn());
const exemplarInt = exemplars.add(new SparseColumn(8));
const exemplarType = exemplars.add(new EnumColumn(valueTypeNames, exemplarRows * 6, nullable));
export const exemplarTraceId = exemplars.add(new IdColumn(16, exemplarRows));
export const exemplarSpanId = exemplars.add(new IdColumn(8, exemplarRows));
export const exemplarAttributes = exemplars.add(new TextColumn(exemplarRows * 32));
export const exemplarValue = new NumberValue(exemplarDouble, exemplarType, exemplarInt);

/** A row of this table is a data point, or a Metric without data points. */
export const points = new Table(pointRows);
export const time = points.add(new TimeColumn());
export const startTime = points.add(new TimeColumn());
export const serviceName = points.add(new TextRunColumn(metricTextBytes));
export const name = points.add(new TextRunColumn(metricTextBytes));
export const description = points.add(new TextRunColumn(metricTextBytes));
export const unit = points.add(new TextRunColumn(metricTextBytes));
export const type = points.add(new TextRunColumn(metricTextBytes));
export const temporality = points.add(new EnumRunColumn(temporalityNames, metricTextBytes));
export const isMonotonic = points.add(new BoolColumn());
const valueDouble = points.add(new OptionalDoubleColumn());
const valueType = points.add(new EnumColumn(valueTypeNames, pointRows * 6, nullable));
const valueInt = points.add(new SparseColumn(8));
export const value = new NumberValue(valueDouble, valueType, valueInt);
export const count = points.add(new SparseColumn(8));
export const sum = points.add(new OptionalDoubleColumn());
export const minimum = points.add(new OptionalDoubleColumn());
export const maximum = points.add(new OptionalDoubleColumn());
export const bucketCounts = points.add(new NumberListColumn(bucketsAtStart));
export const explicitBounds = points.add(new NumberListColumn(bucketsAtStart));
export const scale = points.add(new SparseColumn(4));
export const zeroCount = points.add(new SparseColumn(8));
export const zeroThreshold = points.add(new SparseColumn(8));
export const positiveOffset = points.add(new SparseColumn(4));
export const positiveBucketCounts = points.add(new NumberListColumn(bucketsAtStart, nullable));
export const negativeOffset = points.add(new SparseColumn(4));
export const negativeBucketCounts = points.add(new NumberListColumn(bucketsAtStart, nullable));
export const quantileList = points.add(new ListColumn(quantiles));
export const exemplarList = points.add(new ListColumn(exemplars));
export const attributes = points.add(new TextColumn(pointRows * 128));
export const flags = points.add(new SparseColumn(4));
export const metadata = points.add(new TextRunColumn(metricTextBytes));
export const metricIndex = points.add(new NumberRunColumn(4));
export const groupColumns = new GroupColumns(points);
