// The session: queries, checks, lists. Evidence is in evidence.cc, packs and pivots in functions.cc.
#include "huntbook/session.h"

#include "base/time.h"
#include "enrich/geo_database.h"
#include "enrich/pivots.h"
#include "kql/compile.h"
#include "kql/diagnose.h"
#include "kql/explain.h"
#include "kql/runtime/geo_info.h"
#include "session/query_time.h"
#include "session/state.h"
#include "table/builder.h"

namespace huntbook {

Session::Session(std::unique_ptr<State> state) : state_(std::move(state)) {}
Session::~Session() = default;

Result<std::unique_ptr<Session>> Session::open(SessionOptions options) {
  auto state = std::make_unique<State>();
  state->options = std::move(options);
  if (!state->options.no_settings) {
    const SettingsChoice& choice = state->options.settings;
    state->settings = load_settings({choice.file, "", choice.trust_project, {}});
  }
  state->remotes = std::make_unique<Remotes>(state->settings, state->options);
  if (auto status = state->open_evidence(); !status.ok()) return status.error();
  apply_query_time(state->settings, state->query_time, state->settings.problems);
  state->problems = state->settings.problems;
  state->add_views();
  state->add_pivots();
  // One's own packs are read at once: what is wrong with them is told whatever is asked.
  if (!state->settings.query_paths.empty() || !state->options.query_paths.empty()) state->need_packs();
  auto places = GeoDatabase::find();
  if (!places.ok()) state->problems.push_back(places.error());
  else if (*places)
    kql::runtime::set_place_lookup(
        [database = *places](std::string_view address) { return database->place(address); });
  return std::unique_ptr<Session>(new Session(std::move(state)));
}

Result<Table> Session::State::run(const kql::Compiled& compiled) {
  return engine->run(compiled,
                     [](const std::string& name, std::span<const std::string> values) -> Result<Table> {
                       const Pivot* pivot = find_pivot(name);
                       if (!pivot)
                         return Diagnostic{"HB-N001", "pivot `" + name + "` is not known", {}, "", "", ""};
                       return pivot->run(values);
                     });
}

Answer Session::query(std::string_view text, const Arguments& parameters) {
  Answer answer;
  state_->catalog.now = now_ticks();
  state_->catalog.open = false;
  state_->catalog.parameters = parameters;
  state_->catalog.run = [&](const kql::plan::Plan& part) {
    return state_->run(kql::finish(part, state_->catalog));
  };
  state_->externals = 0;
  *state_->external_rejected = 0;
  state_->catalog.external = [&](const kql::ExternalRequest& request) {
    return state_->open_external(request);
  };
  state_->remote_completeness = Completeness::kComplete;
  state_->remote_reasons.clear();
  state_->catalog.remote = [&](const kql::RemoteRequest& request) {
    return state_->ask_remote(request, false);
  };
  auto result = state_->compile(text);
  state_->catalog.run = nullptr;
  state_->catalog.external = nullptr;
  state_->catalog.remote = nullptr;
  if (!result.compiled) {
    answer.diagnostics = std::move(result.diagnostics);
    return answer;
  }
  std::vector<Answer> earlier;
  for (const auto& compiled : result.earlier) earlier.push_back(state_->answer(compiled, text));
  answer = state_->answer(*result.compiled, text);
  answer.earlier = std::move(earlier);
  return answer;
}

Answer Session::State::answer(const kql::Compiled& compiled, std::string_view text) {
  Answer answer;
  auto table = run(compiled);
  if (!table.ok()) {
    answer.diagnostics.push_back(table.error());
    return answer;
  }
  table->rejected = rejected + *external_rejected;
  if (remote_completeness != Completeness::kComplete) {
    table->completeness = remote_completeness;
    table->reasons.insert(table->reasons.end(), remote_reasons.begin(), remote_reasons.end());
  }
  table->provenance.query = text;
  table->provenance.time = catalog.now;
  answer.sorted = compiled.plan.sorted;
  answer.label = compiled.plan.label;
  if (const auto& chart = compiled.plan.chart) {
    Picture picture;
    picture.kind = chart->kind;
    for (const auto& [name, value] : chart->properties) {
      if (name == "title") picture.title = value;
      picture.properties.emplace_back(name, value);
    }
    picture.table = *table;
    answer.picture = std::move(picture);
  }
  answer.table = std::move(*table);
  return answer;
}

Diagnostics Session::check(std::string_view text, bool open) {
  state_->catalog.now = now_ticks();
  state_->catalog.open = open;
  state_->catalog.parameters.clear();
  auto result = state_->compile(text);
  state_->catalog.open = false;
  if (!result.compiled) return std::move(result.diagnostics);
  for (const auto& earlier : result.earlier) {
    if (auto status = state_->engine->prepare(earlier); !status.ok()) return {status.error()};
  }
  if (auto status = state_->engine->prepare(*result.compiled); !status.ok()) return {status.error()};
  return {};
}

std::string Session::explain(std::string_view text) {
  state_->catalog.now = now_ticks();
  state_->catalog.open = false;
  state_->remote_texts.clear();
  state_->catalog.remote = [&](const kql::RemoteRequest& request) {
    return state_->ask_remote(request, true);
  };
  state_->need_packs();
  std::string out = kql::explain(text, state_->catalog);
  state_->catalog.remote = nullptr;
  if (!state_->remote_texts.empty()) out = "remote\n" + state_->remote_texts + "\n" + out;
  return out;
}

std::string Session::render(const Diagnostic& diagnostic, std::string_view text) {
  return kql::render_diagnostic(diagnostic, text);
}

namespace {

// The table of an answer that cannot fail for the user's reasons, or its first diagnostic.
Result<Table> table_of(Answer answer) {
  if (answer.table) return std::move(*answer.table);
  return answer.diagnostics.front();
}

}  // namespace

Result<Table> Session::tables() { return table_of(query(".show tables")); }
Result<Table> Session::evidence() { return state_->evidence; }
Result<Table> Session::rejects() { return state_->rejects; }

Result<Table> Session::schema(std::string_view table) {
  auto answer = query(".show table ['" + std::string(table) + "'] schema");
  for (auto& diagnostic : answer.diagnostics) diagnostic.span = {};
  return table_of(std::move(answer));
}

}  // namespace huntbook
