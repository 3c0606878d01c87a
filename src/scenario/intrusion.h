// The one intrusion: a plan made from the seed, and steps that write it into the logs when their time comes.
#pragma once
#include <string>
#include <vector>

#include "scenario/world.h"

namespace huntbook::scenario {

/// Who and what the intrusion touches. Depends on the seed, not on the scale.
struct Plan {
  uint32_t victim = 0;  ///< index of the user who opens the document
  uint32_t admin = 0;   ///< index of the administrator whose account is stolen
  uint32_t patient_zero = 0, file_server = 0, controller = 0, database = 0;  ///< hosts
  std::string document;                                                      ///< full path of the attachment
  std::string beacon_domain, beacon_address, drop_domain, drop_address, foreign_address;
  std::string implant;  ///< full path
  std::string dump;
  std::string service, service_image, pipe;
  std::string tool_folder, archive, uploader;
  std::string new_account, task;
  std::string app, app_id;
};

/// What one step leaves to the next.
struct Attack {
  Attack(World& world, uint64_t seed);
  Plan plan;
  Prng rng;
  Process implant, elevated;  ///< on patient zero
  uint64_t victim_logon = 0;
  uint64_t desktop_logon = 0;  ///< the remote desktop session on the file server
  Process desktop_shell;

  User& victim(World& world) const { return world.company.users[plan.victim]; }
  User& admin(World& world) const { return world.company.admins[plan.admin]; }
};

struct Step {
  Micros time;
  void (*run)(World& world, Attack& attack, Micros t);
};
/// In order of time.
const std::vector<Step>& intrusion_steps();

// intrusion_entry.cc
void step_support_visit(World& world, Attack& attack,
                        Micros t);  ///< benign: how the admin's password got to patient zero
void step_phishing(World& world, Attack& attack, Micros t);
void step_discovery(World& world, Attack& attack, Micros t);
// intrusion_spread.cc
void step_elevation(World& world, Attack& attack, Micros t);
void step_credentials(World& world, Attack& attack, Micros t);
void step_service(World& world, Attack& attack, Micros t);
void step_remote_desktop(World& world, Attack& attack, Micros t);
void step_linux(World& world, Attack& attack, Micros t);
// intrusion_impact.cc
void step_collection(World& world, Attack& attack, Micros t);
void step_exfiltration(World& world, Attack& attack, Micros t);
void step_domain_persistence(World& world, Attack& attack, Micros t);
void step_clean_up(World& world, Attack& attack, Micros t);
void step_cloud(World& world, Attack& attack, Micros t);

/// Names the hosts, accounts, addresses ... of the plan in the answer key.
void declare_plan(World& world, const Attack& attack);

}  // namespace huntbook::scenario
