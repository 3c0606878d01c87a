#include "kql/runtime/geo_spheroid.h"

#include <boost/geometry/formulas/karney_inverse.hpp>
#include <boost/geometry/srs/spheroid.hpp>

namespace huntbook::kql::runtime {

double spheroid_distance(const Position& a, const Position& b) {
  using Inverse = boost::geometry::formula::karney_inverse<double, true, true, true, true, true>;
  static const boost::geometry::srs::spheroid<double> kEarth(6378137.0, 6356752.3142451793);
  return Inverse::apply(a.lng, a.lat, b.lng, b.lat, kEarth).distance;
}

}  // namespace huntbook::kql::runtime
