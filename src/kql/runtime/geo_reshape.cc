// More or fewer vertices: planar edges made geodesic, and shapes simplified.
#include <s2/s2builder.h>
#include <s2/s2builderutil_s2polygon_layer.h>
#include <s2/s2builderutil_s2polyline_vector_layer.h>
#include <s2/s2builderutil_snap_functions.h>
#include <s2/s2edge_tessellator.h>
#include <s2/s2projections.h>

#include "kql/runtime/geo_overlay.h"

namespace huntbook::kql::runtime {
namespace {

using Args = std::span<const Value>;

constexpr size_t kMaxVertices = 10485760;

// Longitude and latitude as plane coordinates; the plane ends at the antimeridian, or goes round.
class DegreePlane final : public S2::Projection {
 public:
  explicit DegreePlane(bool round) : round_(round) {}
  R2Point Project(const S2Point& p) const override { return plane_.Project(p); }
  S2Point Unproject(const R2Point& p) const override { return plane_.Unproject(p); }
  R2Point FromLatLng(const S2LatLng& place) const override { return plane_.FromLatLng(place); }
  S2LatLng ToLatLng(const R2Point& p) const override { return plane_.ToLatLng(p); }
  R2Point wrap_distance() const override { return round_ ? plane_.wrap_distance() : R2Point(0, 0); }

 private:
  S2::PlateCarreeProjection plane_{180};
  bool round_;
};

// Adds vertices to the edges of a line or ring; false when they are too many in all.
class Densifier {
 public:
  Densifier(double tolerance, bool round) : plane_(round), tessellator_(&plane_, angle_of(tolerance)) {}

  bool run(PositionLine& line) {
    PositionLine out;
    for (size_t i = 0; i + 1 < line.size(); ++i) {
      std::vector<S2Point> chain;
      tessellator_.AppendUnprojected({line[i].lng, line[i].lat}, {line[i + 1].lng, line[i + 1].lat}, &chain);
      out.push_back(line[i]);
      for (size_t k = 1; k + 1 < chain.size(); ++k) out.push_back(position_of(chain[k]));
      if (count_ + out.size() > kMaxVertices) return false;
    }
    out.push_back(line.back());
    count_ += out.size();
    line = std::move(out);
    return true;
  }

 private:
  DegreePlane plane_;
  S2EdgeTessellator tessellator_;
  size_t count_ = 0;
};

// The arguments after the shape; nothing when the tolerance is out of range.
std::optional<Densifier> densifier_of(Args args) {
  const double tolerance = args.size() > 1 ? args[1].real : kDefaultGeoTolerance;
  if (!(tolerance >= 0.1 && tolerance <= 10000)) return std::nullopt;
  return std::make_optional<Densifier>(tolerance, args.size() > 2 && args[2].integer);
}

void line_densify(Args args, Value& out, Context& context) {
  auto geometry = read_lines(args[0].text);
  auto densifier = densifier_of(args);
  if (!geometry || !densifier || !lines_of(*geometry)) return;
  for (auto& line : geometry->lines) {
    if (!densifier->run(line)) return;
  }
  set_geometry(out, *geometry, context);
}

void polygon_densify(Args args, Value& out, Context& context) {
  auto geometry = read_polygons(args[0].text);
  auto densifier = densifier_of(args);
  if (!geometry || !densifier || !polygon_of(*geometry)) return;
  for (auto& polygon : geometry->polygons) {
    for (auto& ring : polygon) {
      if (!densifier->run(ring)) return;
    }
  }
  set_geometry(out, *geometry, context);
}

// Shapes that are simplified together: borders that they share stay shared.
class Simplifier {
 public:
  explicit Simplifier(S1Angle tolerance) {
    memory_.set_limit_bytes(kMaxGeoMemory);
    S2Builder::Options options{s2builderutil::IdentitySnapFunction(tolerance)};
    options.set_simplify_edge_chains(true);
    options.set_memory_tracker(&memory_);
    builder_.Init(options);
  }

  void add(const S2Lines& lines) {
    s2builderutil::S2PolylineVectorLayer::Options options;
    options.set_duplicate_edges(s2builderutil::S2PolylineVectorLayer::Options::DuplicateEdges::MERGE);
    options.set_s2debug_override(S2Debug::DISABLE);
    builder_.StartLayer(std::make_unique<s2builderutil::S2PolylineVectorLayer>(&lines_, options));
    for (const auto& line : lines) builder_.AddPolyline(*line);
  }

  void add(const S2Polygon& polygon) {
    polygons_.push_back(std::make_unique<S2Polygon>());
    polygons_.back()->set_s2debug_override(S2Debug::DISABLE);
    builder_.StartLayer(std::make_unique<s2builderutil::S2PolygonLayer>(polygons_.back().get()));
    builder_.AddPolygon(polygon);
    builder_.AddIsFullPolygonPredicate(S2Builder::IsFullPolygon(false));
  }

  // Null when nothing is left.
  void set_result(Value& out, Context& context) {
    S2Error error;
    if (!builder_.Build(&error)) return;
    Geometry geometry;
    for (const auto& line : lines_) geometry.lines.push_back(positions_of(*line));
    for (const auto& polygon : polygons_) {
      for (auto& part : positions_of(*polygon)) geometry.polygons.push_back(std::move(part));
    }
    if (!geometry.lines.empty() || !geometry.polygons.empty()) set_geometry(out, geometry, context);
  }

 private:
  S2MemoryTracker memory_;
  S2Builder builder_;
  S2Lines lines_;
  std::vector<std::unique_ptr<S2Polygon>> polygons_;
};

std::optional<S1Angle> simplify_tolerance(Args args) {
  const double tolerance = args.size() > 1 ? args[1].real : kDefaultGeoTolerance;
  if (!(tolerance >= 0) || angle_of(tolerance) > S2Builder::SnapFunction::kMaxSnapRadius())
    return std::nullopt;
  return angle_of(tolerance);
}

void line_simplify(Args args, Value& out, Context& context) {
  const auto shape = shape_of(args[0], context);
  const auto tolerance = simplify_tolerance(args);
  if (!shape->lines() || !tolerance) return;
  Simplifier simplifier(*tolerance);
  simplifier.add(*shape->lines());
  simplifier.set_result(out, context);
}

void polygon_simplify(Args args, Value& out, Context& context) {
  const auto shape = shape_of(args[0], context);
  const auto tolerance = simplify_tolerance(args);
  if (!shape->polygon() || !tolerance) return;
  Simplifier simplifier(*tolerance);
  simplifier.add(*shape->polygon());
  simplifier.set_result(out, context);
}

void simplify_polygons_array(Args args, Value& out, Context& context) {
  const auto polygons = polygons_of_array(args[0]);
  const auto tolerance = simplify_tolerance(args);
  if (polygons.empty() || !tolerance) return;
  Simplifier simplifier(*tolerance);
  for (const auto& polygon : polygons) simplifier.add(*polygon);
  simplifier.set_result(out, context);
}

constexpr BodyEntry kBodies[] = {
    {"geo_line_densify", line_densify},
    {"geo_polygon_densify", polygon_densify},
    {"geo_line_simplify", line_simplify},
    {"geo_polygon_simplify", polygon_simplify},
    {"geo_simplify_polygons_array", simplify_polygons_array},
};

}  // namespace

std::span<const BodyEntry> geo_reshape_bodies() { return kBodies; }

}  // namespace huntbook::kql::runtime
